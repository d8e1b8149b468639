import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { startSimulator } from '../../../simulator/server.ts';
import {
  compare,
  DATABASES,
  DISKS,
  exactly,
  expectedRows,
  settledAt,
  targetsOf,
} from '../../support/expected-rows.ts';
import { type SeenRequest, startFaultProxy } from '../../support/fault-proxy.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';

/** Names that cannot be in a path, so no target can have them. */
const IMPOSSIBLE = ['..', '.'];

const NAMES = [
  ...['../../other', 'a/b', 'a\\b', '%2e%2e', '%2F', 'a?b=c', 'a#b', 'a&b', 'a;b', 'dt=2026-03-02', ' '],
  ...['x\r\nX-Injected: 1', 'nul\u0000', 'a\nb', '\u001b[31mred', '\u009b31m', '\u202etxt', '\u2028'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '-', '*', '"', "'", '{}', 'null', '0'],
  ...['ünïcode', '😀'.repeat(20), 'x'.repeat(300)],
];

/** Characters with an effect on terminals or on readers of lines. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test('collects databases and disks with any name, and writes no name unescaped into paths, keys, headers or logs', async () => {
  const organisation = createOrganisation({
    projects: [
      {
        name: 'one',
        clusters: [{ name: 'c', nodes: 1, databases: [...NAMES, ...IMPOSSIBLE], disks: NAMES.slice(0, 12) }],
      },
    ],
  });
  const folder = await makeTemporaryFolder();
  const simulator = await startSimulator({ organisation, now: T, rateLimits: false });
  const proxy = await startFaultProxy(simulator.url);
  // An hour of data needs no wait for the rate limit.
  const config = path.join(folder, 'config.json');
  const short = { backfill: 'PT1H' };
  const datasetConfigs = { [DATABASES.table]: short, [DISKS.table]: short };
  await writeFile(config, JSON.stringify({ datasets: datasetConfigs }));
  const seen: SeenRequest[] = [];
  proxy.watch(
    (request) => seen.push(request) > 0,
    () => {},
  );
  const { clientId, clientSecret } = simulator.credentials;
  const lake = path.join(folder, 'lake');
  const run = (...args: string[]) =>
    runCli([...args, '--lake', lake], {
      MONGODB_ATLAS_BASE_URL: proxy.endpoint,
      MONGODB_ATLAS_CLIENT_ID: clientId,
      MONGODB_ATLAS_CLIENT_SECRET: clientSecret,
    });
  const datasets = [DATABASES, DISKS].flatMap(({ table }) => ['--dataset', table]);
  const collect = ['collect', '--at', new Date(T).toISOString(), '--config', config, ...datasets];
  try {
    const quiet = await run(...collect);
    const loud = await run(...collect, '--verbose');
    const status = await run('status', '--targets');
    // The impossible names are not collected, and both runs report them.
    expect([quiet.code, loud.code, status.code]).toEqual([1, 1, 0]);
    for (const name of IMPOSSIBLE)
      expect(quiet.stderr).toContain(`/${name}: databaseMeasurements: a name in the path`);

    const impossible = IMPOSSIBLE.map((name) => `"database_name":${JSON.stringify(name)}`);
    for (const kind of [DATABASES, DISKS]) {
      const from = T - HOUR;
      const expected = targetsOf(organisation, kind)
        .flatMap((target) =>
          expectedRows(organisation, target, {
            granularity: kind.granularity,
            from: Math.floor(from / kind.interval) * kind.interval,
            to: settledAt(kind, T),
            readAt: T,
          }),
        )
        .filter((row) => !impossible.some((name) => row.includes(name)));
      const rows = await tableRows(path.join(lake, 'lake'), kind.table);
      expect(compare(rows, expected)).toEqual(exactly(expected));
    }
    expect(await lakeViolations(path.join(lake, 'lake'))).toEqual([]);

    expect(seen.length).toBeGreaterThan(NAMES.length);
    for (const { path: target, headers } of seen) {
      expect(target).toMatch(/^\/api\/(oauth\/token|atlas\/v2\/groups)[\w./:%?=&~!*'()-]*$/);
      expect(target).not.toMatch(/\/\.{1,2}(\/|$)/);
      expect(Object.keys(headers)).not.toContain('x-injected');
    }
    const log = await readFile(path.join(lake, '.log'), 'utf8');
    for (const text of [quiet.stdout, quiet.stderr, loud.stdout, loud.stderr, status.stdout, log]) {
      for (const line of text.split('\n')) expect(line).not.toMatch(UNPRINTABLE);
    }
    expect(log.length).toBeGreaterThan(0);
  } finally {
    await proxy.close();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
});
