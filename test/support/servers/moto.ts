import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, run } from './install.ts';
import { launch, type Server } from './launch.ts';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Installs this version of moto into a virtual environment unless it is installed. Returns the path of its Python. */
export function installMoto(): string {
  const requirements = fileOf('requirements.txt');
  const folder = installed('moto', [requirements], (target) => {
    run('python3', ['-m', 'venv', target]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    run(path.join(target, 'bin/python'), [...pip, '-r', requirements]);
  });
  return path.join(folder, 'bin/python');
}

/** Starts moto's S3, SQS and Glue. */
export async function startMoto(python: string): Promise<Server> {
  const server = launch(python, [fileOf('moto_server.py')]);
  const port = await server.until(async () => /^listening on (\d+)$/m.exec(server.output())?.[1]);
  return { endpoint: `http://127.0.0.1:${port}`, close: server.close };
}
