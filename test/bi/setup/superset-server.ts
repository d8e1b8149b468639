import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../local-aws/free-port.ts';
import { installed, run } from '../../support/servers/install.ts';
import { launch, type Server } from '../../support/servers/launch.ts';
import { PYTHON, type Tool } from '../../support/servers/tools.ts';
import { ADMIN } from '../superset.ts';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const REQUIREMENTS = fileOf('requirements.txt');
const CONFIGURATION = fileOf('superset_config.py');

/** The versions of Superset's dependencies have no packages for later versions of Python. */
export const SUPERSET_PYTHON: Tool = {
  ...PYTHON,
  name: 'Python 3.10, 3.11 or 3.12 with its module venv (for example: apt-get install python3-venv)',
  suffices: (output) => PYTHON.suffices(output) && /^3 1[0-2]$/m.test(output),
};

/** Superset imports hundreds of modules. */
const START_MS = 300_000;

const environment = (store: string) => ({
  SUPERSET_CONFIG_PATH: CONFIGURATION,
  ATLAS_LAKE_TEST_STORE: store,
});

/**
 * Installs this version of Superset into a virtual environment unless it is installed, with an empty store that has one
 * administrator. Returns its folder.
 */
export function installSuperset(): string {
  return installed('superset', [REQUIREMENTS], (folder) => {
    run('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    run(path.join(folder, 'bin/python'), [...pip, '-r', REQUIREMENTS]);
    const superset = (...options: string[]) =>
      run(
        '/bin/sh',
        [
          '-c',
          '"$0" "$@" >"$SETUP_LOG" 2>&1 || { cat "$SETUP_LOG"; exit 1; }',
          programOf(folder),
          ...options,
        ],
        {
          ...environment(storeOf(folder)),
          SETUP_LOG: path.join(folder, 'setup.log'),
        },
      );
    superset('db', 'upgrade');
    const { username, password } = ADMIN;
    const person = ['--firstname', 'Test', '--lastname', 'User', '--email', 'test@example.com'];
    superset('fab', 'create-admin', '--username', username, '--password', password, ...person);
    superset('init');
  });
}

/** Starts Superset with a copy of the empty store. */
export async function startSuperset(installation: string): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-superset-'));
  const store = path.join(folder, 'store.db');
  await copyFile(storeOf(installation), store);
  const port = String(await freePort());
  const endpoint = `http://127.0.0.1:${port}`;
  const options = ['run', '--host', '127.0.0.1', '--port', port, '--with-threads'];
  const server = launch(programOf(installation), options, folder, environment(store));
  await server.until(async () => (await isHealthy(endpoint)) || undefined, START_MS);
  return {
    endpoint,
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function programOf(installation: string): string {
  return path.join(installation, 'bin/superset');
}

function storeOf(installation: string): string {
  return path.join(installation, 'store.db');
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/health`)).ok;
  } catch {
    return false;
  }
}
