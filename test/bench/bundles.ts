import { execFile } from 'node:child_process';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const ROUNDS = 9;

const run = promisify(execFile);

const sourceMap = z.object({ sources: z.array(z.string()) });

export interface Bundle {
  /** The folder below `functions/`. */
  name: string;
  bytes: number;
  /** The median time of the import in a new Node process, in ms. */
  importTime: number;
}

/** Measures the size and import time of each function's bundle, as the stack builds it. */
export async function bundles(): Promise<Bundle[]> {
  const output = await makeTemporaryFolder();
  try {
    const cdk = path.join(PROJECT, 'node_modules/.bin/cdk');
    await run(cdk, ['synth', '--quiet', '--output', output], { cwd: PROJECT });
    const measured: Bundle[] = [];
    for (const { name, file } of await bundleFiles(output)) {
      measured.push({ name, bytes: (await stat(file)).size, importTime: await importTime(file) });
    }
    return measured.sort((a, b) => a.name.localeCompare(b.name));
  } finally {
    await rm(output, { recursive: true });
  }
}

/** Returns the bundles. The source map names the function of each. */
async function bundleFiles(output: string): Promise<Array<{ name: string; file: string }>> {
  const found: Array<{ name: string; file: string }> = [];
  for (const folder of await readdir(output)) {
    if (!folder.startsWith('asset.')) continue;
    const file = path.join(output, folder, 'index.mjs');
    const { sources } = sourceMap.parse(JSON.parse(await readFile(`${file}.map`, 'utf8')));
    const entry = sources.findLast((source) => /functions\/[^/]+\/index\.ts$/.test(source)) ?? file;
    found.push({ name: path.basename(path.dirname(entry)), file });
  }
  return found;
}

async function importTime(file: string): Promise<number> {
  const program = `const start = performance.now(); await import(${JSON.stringify(file)});
    process.stdout.write(String(performance.now() - start));`;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]);
    times.push(Number(stdout));
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}
