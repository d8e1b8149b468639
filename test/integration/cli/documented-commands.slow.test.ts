import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import {
  commandBlocks,
  guidingPages,
  NOT_RUN,
  ROOT,
  reasonNotToRun,
} from '../../support/documented-commands.ts';
import { shapeOf } from '../../support/readme-examples.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const execute = promisify(execFile);

/** A day of every process at one minute would take longer than everything else. */
const CONFIG = { datasets: { process_measurements: { granularity: 'PT5M', backfill: 'PT6H' } } };

/** The folders that pages use as lakes which exist already. */
const LAKES = ['.lake', '.lake-demo', '.lake-a', '.lake-b'];

/** Stands in for npx outside of the clone: it starts the clone's programs, and refuses what npx would download. */
const NPX = `#!/bin/sh
name=$1
shift
case $name in
  atlas-lake) exec '${process.execPath}' '${ROOT}cli/main.js' "$@" ;;
  cdk) folder=$PWD; cd '${ROOT}' && exec node_modules/.bin/cdk --output "$folder/cdk.out" "$@" ;;
  *) echo "npx would download $name" >&2; exit 1 ;;
esac
`;

const pages = await guidingPages();
const blocks = new Map(
  await Promise.all(pages.map(async (page) => [page, await commandBlocks(page)] as const)),
);

let simulator: Simulator;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator({ now: Date.now(), running: true, rateLimits: false });
  folder = await makeTemporaryFolder();
  await mkdir(path.join(folder, 'bin'));
  await writeFile(path.join(folder, 'bin/npx'), NPX, { mode: 0o755 });
  environment = {
    PATH: `${path.join(folder, 'bin')}:${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
  };
  const config = path.join(folder, 'config.json');
  await writeFile(config, JSON.stringify(CONFIG));
  const { code, stderr } = await runCli(
    ['collect', '--quiet', '--lake', path.join(folder, 'lake'), '--config', config],
    environment,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}, 10 * MINUTE);

afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(pages)('%s', (page) => {
  test('has commands that succeed, with the output that it quotes', { timeout: 15 * MINUTE }, async () => {
    const place = path.join(folder, page.replaceAll('/', '-'));
    for (const lake of LAKES)
      await cp(path.join(folder, 'lake'), path.join(place, lake), { recursive: true });
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    for (const { commands, output } of blocks.get(page) ?? []) {
      const run = commands.filter((command) => reasonNotToRun(command) === undefined);
      if (run.length === 0) continue;
      const printed = await outputOf(run, place);
      if (commands.at(-1) !== run.at(-1)) continue;
      expect(printed.split('\n').map(shapeOf)).toEqual(expect.arrayContaining(output.map(shapeOf)));
    }
  });
});

/** Runs commands in one shell. The rows that a limit leaves depend on the day, so queries run without it. */
async function outputOf(commands: readonly string[], place: string): Promise<string> {
  const script = commands.join('\n').replaceAll(/ LIMIT \d+"/g, '"');
  const { stdout } = await execute('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: place,
    env: environment,
    maxBuffer: 64 * 1024 ** 2,
  });
  return stdout;
}

test('every reason not to run a command applies to one', () => {
  const commands = [...blocks.values()].flat().flatMap((block) => block.commands);
  const unused = NOT_RUN.filter((rule) => !commands.some((command) => rule.command.test(command)));
  expect(unused).toEqual([]);
});

test('npx starts the program of the clone', async () => {
  const { stdout } = await execute('npx', ['--no', 'atlas-lake', '--version'], { cwd: ROOT });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('the tutorial quotes what simulate prints', async () => {
  const simulated = (blocks.get('docs/tutorial.md') ?? []).find(({ commands }) =>
    commands.includes('npx atlas-lake simulate'),
  );
  const { child, result } = startCli(['simulate', '--port', '0']);
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += String(chunk);
    if (printed.includes('npx atlas-lake collect')) break;
  }
  child.kill('SIGTERM');
  await result;
  expect(simulated?.output.join('\n')).toBe(
    printed.trimEnd().replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080'),
  );
});
