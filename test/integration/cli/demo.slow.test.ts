import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge } from '../../../cli/check/verdict.ts';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../../cli/duckdb/query.ts';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { datasets } from '../../../functions/datasets.ts';
import { parseConfig } from '../../../shared/config.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { lastRunOf } from '../../../shared/engine/run-statistics.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { expectedEntries, hostsOf } from '../../support/expected-access-logs.ts';
import { type ExpectedChange, expectedChanges, foundChanges } from '../../support/expected-alerts.ts';
import {
  expectedNamespaces,
  NAMESPACE_MEASUREMENTS,
  RANKS,
} from '../../support/expected-ranked-namespaces.ts';
import { compare, DATABASES, DISKS, exactly, expectedOf } from '../../support/expected-rows.ts';
import { answersOf } from '../../support/lake-answers.ts';
import { tableRows } from '../../support/lake-files.ts';
import { quotedOutputs, readmeQueries, shapeOf } from '../../support/readme-examples.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { instantOf } from '../../support/times.ts';

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the demo succeeds, and its lake has exactly the computed rows', { timeout: 15 * MINUTE }, async () => {
  const lake = path.join(folder, 'demo');
  const { stdout, stderr } = await execute('npm', ['start', '--silent', '--', '--lake', lake], { cwd: ROOT });
  expect(stderr).toBe('');
  for (const text of ['Contents of', 'Which disk fills up first', 'Next:']) {
    expect(stdout).toContain(text);
  }
  const bucket = path.join(lake, 'lake');
  const runs = await tableRows(bucket, 'collection_runs');
  const first = Math.min(...runs.map(({ tick }) => instantOf(tick)));
  const last = await lastTick(lake);
  const organisation = createOrganisation();
  for (const kind of [DATABASES, DISKS]) {
    const expected = expectedOf(organisation, kind, { first, last });
    expect(expected.length).toBeGreaterThan(10_000);
    expect(compare(await tableRows(bucket, kind.table), expected)).toEqual(exactly(expected));
  }
  // The clock runs during a tick. Atlas dates some changes; for the others, the exact time of observation is unknown.
  const told = ['opened', 'closed'];
  const story = (changes: readonly ExpectedChange[]) =>
    changes.map(({ alert, change, ts }) => `${alert} ${change} ${told.includes(change) ? ts : ''}`).sort();
  const alertTicks = Array.from(
    { length: (last - first) / (5 * MINUTE) + 1 },
    (_, index) => first + index * 5 * MINUTE,
  );
  const changes = organisation.projects.flatMap(({ id }) => expectedChanges(organisation, id, alertTicks));
  expect(changes.length).toBeGreaterThan(20);
  expect(story(foundChanges(await tableRows(bucket, 'alerts')))).toEqual(story(changes));
  expect(await tableRows(bucket, 'alert_configurations')).toHaveLength(
    organisation.projects.flatMap(({ alertConfigurations }) => alertConfigurations).length,
  );
  // During the first tick, Atlas drops its oldest entries. During the last tick, new entries become visible.
  const [from, to] = [first - 7 * DAY + 5 * MINUTE, last - 15 * MINUTE];
  const expectedLogs = hostsOf(organisation).flatMap((host) => expectedEntries(organisation, host, from, to));
  const logs = (await tableRows(bucket, 'access_logs')).filter(({ ts }) => {
    const time = instantOf(ts);
    return time >= from && time < to;
  });
  expect(expectedLogs.length).toBeGreaterThan(10_000);
  expect(compare(logs, expectedLogs)).toEqual(exactly(expectedLogs));
  const rankRuns = runs.filter(({ dataset }) => dataset === RANKS);
  const firstOfRanks = Math.min(...rankRuns.map(({ tick }) => instantOf(tick)));
  const every = (datasets.find(({ name }) => name === RANKS)?.everyMinutes ?? 0) * MINUTE;
  const rankTicks: number[] = [];
  for (let tick = firstOfRanks; tick <= last; tick += every) rankTicks.push(tick);
  const { ranks, measurements } = expectedNamespaces(organisation, rankTicks);
  expect(ranks.length).toBeGreaterThan(100);
  expect(compare(await tableRows(bucket, RANKS), ranks)).toEqual(exactly(ranks));
  const measured = await tableRows(bucket, NAMESPACE_MEASUREMENTS);
  expect(compare(measured, measurements)).toEqual(exactly(measurements));
  const verdict = await withLakeDatabase(lake, (connection) =>
    judge(connection, { lake, config: parseConfig({}, datasets), datasets, now: last + HOUR }),
  );
  expect(verdict).toMatchObject({ verdict: 'well', problems: [] });
  await questionsAreAnswered(lake, bucket, Math.floor(last / DAY) * DAY);
  // The output has colours where CI is set.
  await quotedOutputIsReal(lake, stripVTControlCharacters(stdout));
  await readmeIsAnswered(lake);
});

/** Returns the last tick of all runs. The newest runs have no row in `collection_runs` yet. */
async function lastTick(lake: string): Promise<number> {
  const aws = await startLocalAws(lake);
  try {
    const headers = await aws.readHeaders();
    return Math.max(...headers.map(({ header }) => lastRunOf(header.statistics)?.tick ?? 0));
  } finally {
    await aws.close();
  }
}

/** Checks that the queries of `docs/questions.md` run, and that their answers follow from the rows of the files. */
async function questionsAreAnswered(lake: string, bucket: string, today: number): Promise<void> {
  const answers = await withLakeDatabase(lake, (connection) =>
    answersOf((sql) => queryRows(connection, sql), bucket, today),
  );
  // The demo may have no values of the last night, because it collects only twelve hours of processes.
  expect(answers.filter(({ found }) => found.length > 1).length).toBeGreaterThanOrEqual(3);
  for (const { found, expected } of answers) {
    const best = Object.entries(expected).sort(([, one], [, other]) => other - one);
    expect(found.length > 0).toBe(best.length > 0);
    for (const [index, [name, value]] of found.entries()) {
      expect(value).toBeCloseTo(expected[name] ?? Number.NaN, 6);
      expect(value).toBeCloseTo(best[index]?.[1] ?? Number.NaN, 6);
    }
  }
}

/** Checks that README, the runbook and the tutorial quote lines that the commands print, apart from times and numbers. */
async function quotedOutputIsReal(lake: string, ofDemo: string): Promise<void> {
  const ofTutorial = await quotedOutputs('docs/tutorial.md');
  const quoted = [
    ...(await quotedOutputs('README.md')),
    // A lake in S3 gets lines of its own: `check.slow` expects them.
    ...(await quotedOutputs('docs/runbook.md')).filter(({ command }) => !command.includes('check --bucket')),
    ...ofTutorial.filter(({ command }) => command === 'npm start'),
  ];
  expect(quoted.map(({ command }) => command.split(' ').slice(0, 3).join(' '))).toEqual([
    'npm start',
    'npx atlas-lake query',
    'npx atlas-lake query',
    'npx atlas-lake query',
    'npx atlas-lake report',
    'npx atlas-lake status',
    'npx atlas-lake verify',
    'npx atlas-lake verify',
    'npm start',
  ]);
  const outputs = new Map([['npm start', ofDemo.replaceAll(lake, '.lake-demo')]]);
  for (const { command, lines } of quoted) {
    const output = outputs.get(command) ?? (await outputOf(command, lake));
    outputs.set(command, output);
    expect(output.split('\n').map(shapeOf)).toEqual(expect.arrayContaining(lines.map(shapeOf)));
  }
}

/** Returns what a quoted command prints about the demo's lake. A query runs without its limit, because the order of rows depends on the day. */
async function outputOf(command: string, lake: string): Promise<string> {
  const [, name = '', sql] = /^npx atlas-lake (\w+)(?:.* "(.*)")?/.exec(command) ?? [];
  const report = path.join(folder, 'atlas-lake-report.html');
  const { code, stdout, stderr } = await runCli([
    name,
    '--lake',
    lake,
    ...(sql === undefined ? [] : [sql.replace(/ LIMIT \d+$/, '')]),
    ...(name === 'report' ? ['--output', report] : []),
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.replaceAll(report, path.basename(report));
}

/** Checks that README's queries return rows, and the same rows after compaction. */
async function readmeIsAnswered(lake: string): Promise<void> {
  const queries = await readmeQueries();
  expect(queries).toHaveLength(3);
  const answers = () =>
    Promise.all(
      queries.map(async (sql) => {
        const { stdout, stderr } = await runCli(['query', '--lake', lake, '--format', 'csv', sql]);
        expect(stderr).toBe('');
        expect(stdout.split('\n').length).toBeGreaterThan(3);
        return stdout;
      }),
    );
  const before = await answers();
  const { code, stdout } = await runCli(['compact', '--lake', lake]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^disk_measurements .*: [\d,]+ rows from \d+ files$/m);
  expect(await answers()).toEqual(before);
}
