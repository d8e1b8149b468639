import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MINUTE } from '../../../../shared/durations.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

/**
 * `npm run dst:mutants` plants each bug in a copy of the sources, one at a time, and simulates histories until one of
 * them finds it. The exit status is 1 if a bug survives, because then the simulation is too weak.
 */
const { values } = parseArgs({
  options: {
    /** More than CI simulates: one bug needs about 1,600. */
    histories: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    /** Plants only bugs whose names contain this text. */
    only: { type: 'string', default: '' },
  },
});

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** The time limit for one bug, in ms. 2,000 histories take about ten minutes, and a bug can make a run continue forever. */
const TIME_LIMIT_MS = 30 * MINUTE;

const SOURCES = [
  'shared',
  'functions',
  'cli',
  'local-aws',
  'simulator',
  'test/faults',
  'test/support',
  'package.json',
];
/** Additional files that a bug's own test may need. */
const TEST_SOURCES = ['infra', 'sql', 'bi', 'docs', 'test', 'cdk.json', 'tsconfig.json', 'vitest.config.ts'];

let survivors = 0;
for (const mutant of MUTANTS.filter(({ name }) => name.includes(values.only))) {
  if (mutant.test !== undefined) {
    const isCaught = testFailsWith(mutant, mutant.test);
    if (!isCaught) survivors += 1;
    console.log(`| ${mutant.name} | ${isCaught ? 'its test' : 'SURVIVES'} | \`${mutant.test}\` |`);
    continue;
  }
  const output = simulateWith(mutant);
  const caught = /(\d+) histories.* from .* 1 broke a promise/.exec(output)?.[1];
  const [, , shown = ''] = output.split('\n').map((line) => line.trim());
  const [, seed = ''] = /--seed (\d+)/.exec(output) ?? [];
  if (caught === undefined) survivors += 1;
  console.log(
    caught === undefined
      ? `| ${mutant.name} | SURVIVES ${output.trim().split('\n').at(-1)} | |`
      : `| ${mutant.name} | ${caught} (seed ${seed}) | ${beginningOf(output.split('\n')[1] ?? shown)} |`,
  );
}
process.exitCode = survivors === 0 ? 0 : 1;

/** Returns the output of the simulation for the sources with the bug. */
function simulateWith(mutant: Mutant): string {
  return inPlantedCopy(mutant, SOURCES, (folder) => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        path.join(folder, 'test/faults/simulation/main.ts'),
        ...['--seed', values.seed, '--histories', values.histories, '--until-broken'],
        ...(mutant.topic ? ['--topic', mutant.topic] : []),
      ],
      { encoding: 'utf8', timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL' },
    );
    return stdout + stderr;
  });
}

/** Returns whether a test fails for the sources with the bug. */
function testFailsWith(mutant: Mutant, test: string): boolean {
  return inPlantedCopy(mutant, [...SOURCES, ...TEST_SOURCES], (folder) => {
    const { status } = spawnSync(
      path.join(folder, 'node_modules/.bin/vitest'),
      ['run', test, '--maxWorkers=1'],
      { cwd: folder, encoding: 'utf8', timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL' },
    );
    return status !== 0;
  });
}

function inPlantedCopy<T>(mutant: Mutant, sources: readonly string[], use: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'atlas-lake-mutant-'));
  try {
    for (const source of sources)
      cpSync(path.join(ROOT, source), path.join(folder, source), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    for (const change of mutant.changes) plant(mutant, path.join(folder, change.file), change);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function plant({ name }: Mutant, file: string, { text, replacement }: Mutant['changes'][number]): void {
  const source = readFileSync(file, 'utf8');
  if (source.split(text).length !== 2) throw new Error(`"${name}" no longer fits ${file}`);
  writeFileSync(
    file,
    source.replace(text, () => replacement),
  );
}

/** Returns the beginning of a violation, which shows its kind. */
function beginningOf(violation: string): string {
  return violation.trim().slice(0, 160);
}
