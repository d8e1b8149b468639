import { execFile } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path, { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const NO_REGISTRY = 'the tests of the package are skipped, because npm does not reach its registry';

export interface Finished {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** Runs a program in a folder, with the Node of the tests first on the path, and no other variables than the given ones. */
export function runIn(
  folder: string,
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Finished> {
  const env = {
    PATH: [path.dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: process.env['HOME'] ?? '',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...environment,
  };
  return new Promise((done) => {
    execFile(program, args, { cwd: folder, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      done({ code: error ? (error.code ?? null) : 0, stdout, stderr });
    });
  });
}

/** Runs npm in a folder. It needs the machine's settings for the network, but not those of the npm that runs the tests. */
function npm(folder: string, args: readonly string[]): Promise<Finished> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^npm_/i.test(name) || name === 'PATH' ? [] : [[name, value] as const],
  );
  return runIn(folder, 'npm', args, Object.fromEntries(inherited));
}

/**
 * Returns whether npm reaches its registry.
 * @throws in CI if it does not, because CI skips no test
 */
export async function reachesRegistry(): Promise<boolean> {
  const { code, stderr } = await npm(ROOT, ['ping', '--fetch-retries=0', '--fetch-timeout=20000']);
  if (code !== 0 && process.env['CI']) throw new Error(`${NO_REGISTRY}: ${stderr}`);
  return code === 0;
}

/** Packs the project into a folder, and returns the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { code, stderr } = await npm(ROOT, ['pack', '--silent', '--pack-destination', folder]);
  const [tarball] = await readdir(folder);
  if (code !== 0 || tarball === undefined) throw new Error(`npm pack failed: ${stderr}`);
  return path.join(folder, tarball);
}

/** Installs packages into a folder, which it creates if necessary. */
export async function install(folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const options = ['--prefer-offline', '--no-audit', '--no-fund'];
  const { code, stderr } = await npm(folder, ['install', ...options, ...packages]);
  if (code !== 0) throw new Error(`npm install failed: ${stderr}`);
}

/** Returns the space that a folder takes on the disk, in bytes, as `du` measures it. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() || entry.isDirectory());
  let blocks = 0;
  for (const { parentPath, name } of files) blocks += (await stat(path.join(parentPath, name))).blocks;
  return blocks * 512;
}
