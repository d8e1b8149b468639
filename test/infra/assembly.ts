import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { ParsedTemplate, type Resource } from './templates.ts';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(PROJECT, 'node_modules/.bin');

export interface Finished {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** The output of `cdk synth`, including the functions' bundles. */
export interface Assembly {
  synthesis: Finished;
  folder: string;
  store: ParsedTemplate;
  collector: ParsedTemplate;
  /** Returns the folder of a function's code. */
  codeOf(resource: Resource): string;
  remove(): Promise<void>;
}

/** Runs a program without AWS credentials or configuration. */
export function run(
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Finished> {
  const env = {
    PATH: [BIN, process.env['PATH']].join(delimiter),
    HOME: tmpdir(),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...environment,
  };
  return new Promise((done) => {
    execFile(program, args, { cwd: PROJECT, env }, (error, stdout, stderr) => {
      done({ code: error ? (error.code ?? null) : 0, stdout, stderr });
    });
  });
}

export async function synthesizeAssembly(configuration: unknown): Promise<Assembly> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-lake-assembly-'));
  const context = `atlas-lake=${JSON.stringify(configuration)}`;
  const synthesis = await run('cdk', ['synth', '--quiet', '--output', folder, '-c', context]);
  const read = async (stack: string) =>
    new ParsedTemplate(JSON.parse(await readFile(join(folder, `${stack}.template.json`), 'utf8')));
  return {
    synthesis,
    folder,
    store: await read('AtlasLakeStore'),
    collector: await read('AtlasLakeCollector'),
    codeOf: ({ Metadata }) => join(folder, z.string().parse(Metadata['aws:asset:path'])),
    remove: () => rm(folder, { recursive: true }),
  };
}
