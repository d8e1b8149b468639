import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of everything that the suites on other servers install or write. Git ignores it. */
export const CACHE = fileURLToPath(new URL('../../../.aws-test/', import.meta.url));

/** The version is fixed, because Maven's default for this plugin differs between versions of Maven. */
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/**
 * Returns the folder for the versions that files pin. Calls `install` if the folder is not complete, also after an
 * interrupted installation.
 */
export function installed(name: string, pins: readonly string[], install: (folder: string) => void): string {
  const hash = createHash('sha256');
  for (const file of pins) hash.update(readFileSync(file));
  const folder = path.join(CACHE, `${name}-${hash.digest('hex').slice(0, 12)}`);
  const complete = path.join(folder, '.complete');
  if (existsSync(complete)) return folder;
  console.log(`Installing ${name} into ${path.relative(process.cwd(), folder)} ...`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  install(folder);
  writeFileSync(complete, '');
  return folder;
}

/** Copies the jars that a Maven project needs at run time into a folder. */
export function copyJars(pom: string, folder: string): void {
  run('mvn', ['-q', '-B', '-f', pom, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]);
}

/** Runs a program, which may print, with more environment variables. */
export function run(
  program: string,
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): void {
  const { status, error } = spawnSync(program, options, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? `exit status ${status}`}`);
}
