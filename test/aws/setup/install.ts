import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SETUP = fileURLToPath(new URL('.', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../.aws-test/', import.meta.url));

/** The version is fixed, because Maven's default for this plugin differs between versions of Maven. */
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Installs this version of DynamoDB Local unless it is installed. Returns the folder of its jars. */
export function installDynamoDbLocal(): string {
  return installed('dynamodb-local', 'pom.xml', (folder, pom) => {
    run('mvn', ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${folder}`]);
  });
}

/** Installs this version of moto into a virtual environment unless it is installed. Returns the path of its Python. */
export function installMoto(): string {
  const folder = installed('moto', 'requirements.txt', (target, requirements) => {
    run('python3', ['-m', 'venv', target]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    run(path.join(target, 'bin/python'), [...pip, '-r', requirements]);
  });
  return path.join(folder, 'bin/python');
}

/** Returns the folder for the versions that a file pins. Restarts an interrupted installation. */
function installed(name: string, pins: string, install: (folder: string, pins: string) => void): string {
  const file = path.join(SETUP, pins);
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  const folder = path.join(CACHE, `${name}-${digest}`);
  const complete = path.join(folder, '.complete');
  if (existsSync(complete)) return folder;
  console.log(`Installing ${name} into ${path.relative(process.cwd(), folder)} ...`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  install(folder, file);
  writeFileSync(complete, '');
  return folder;
}

function run(program: string, options: readonly string[]): void {
  const { status, error } = spawnSync(program, options, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? `exit status ${status}`}`);
}
