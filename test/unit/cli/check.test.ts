import { describe, expect, test } from 'vitest';
import type { DatasetFacts, LakeFacts } from '../../../cli/check/facts.ts';
import { problemsOf } from '../../../cli/check/problems.ts';
import { verdictOf } from '../../../cli/check/verdict.ts';
import { NO_CLUSTERS } from '../../../cli/cluster-verdicts.ts';
import { datasets } from '../../../functions/datasets.ts';
import { parseConfig } from '../../../shared/config.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const PROJECT = '6a793f53c0eb9e7a177137c2';
const OTHER = '6a793f53c0eb9e7a177137c3';
const LAKE = { lake: '.lake', config: parseConfig({}, datasets) };

function collected(dataset: string, more: Partial<DatasetFacts> = {}): DatasetFacts {
  return {
    dataset,
    subject: PROJECT,
    lastRun: { startedAt: NOW - 10 * MINUTE, outcome: 'complete', failedTargets: 0 },
    hiddenFor: 0,
    collectedUpTo: NOW - 40 * MINUTE,
    pending: 0,
    unlistedSince: null,
    clusters: NO_CLUSTERS,
    ...more,
  };
}

function facts(more: Partial<LakeFacts> = {}): LakeFacts {
  return {
    datasets: datasets.map(({ name }) => collected(name)),
    lastCollect: { at: new Date(NOW - 10 * MINUTE).toISOString(), error: null, credentials: [] },
    gaps: [],
    olderGaps: 0,
    missing: [],
    duplicates: [],
    secrets: [],
    hasServiceAccounts: true,
    names: new Map(),
    unchecked: ['Duplicates: some.'],
    unreadable: [],
    ...more,
  };
}

/** Returns the facts of a good lake, with other facts about disks. */
function withDisks(...disks: readonly Partial<DatasetFacts>[]): LakeFacts {
  const others = datasets.filter(({ name }) => name !== 'disk_measurements');
  return facts({
    datasets: [
      ...others.map(({ name }) => collected(name)),
      ...disks.map((more) => collected('disk_measurements', more)),
    ],
  });
}

const problems = (about: LakeFacts, config: unknown = {}) =>
  problemsOf(about, { now: NOW, datasets, config: parseConfig(config, datasets), isDeployed: false });
const told = (about: LakeFacts, config: unknown = {}) =>
  problems(about, config).map(({ kind, message }) => `${kind}: ${message}`);

test('a lake that is up to date has no problem, and the verdict says how far it reaches', () => {
  expect(problems(facts())).toEqual([]);
  expect(verdictOf(facts(), [], LAKE)).toMatchObject({
    verdict: 'well',
    summary: `All is well: ${datasets.length} datasets are collected, all up to 2026-03-02 11:20Z or later.`,
  });
});

test('a lake without any run has no verdict, whatever else is known', () => {
  const empty = facts({ datasets: [] });
  expect(verdictOf(empty, problems(empty), LAKE)).toEqual({
    verdict: 'unknown',
    summary: 'Cannot tell: nothing was ever collected into .lake. Run collect.',
    problems: [],
    notes: [],
  });
});

test.each<[string, LakeFacts, string]>([
  [
    'a dataset that was never collected',
    withDisks(),
    'never-collected: disk_measurements: never collected; run collect',
  ],
  [
    'a run that never ended',
    withDisks({ lastRun: null }),
    'never-collected: disk_measurements: never collected, no run has ended',
  ],
  [
    'a stop for longer than three ticks and an hour',
    withDisks({ lastRun: { startedAt: NOW - 91 * MINUTE, outcome: 'complete', failedTargets: 0 } }),
    'stopped: disk_measurements: no run for 91 min, it is due every 10 min',
  ],
  [
    'a lag beyond the settle time, an hour and three ticks',
    withDisks({ collectedUpTo: NOW - 93 * MINUTE }),
    'behind: disk_measurements: collected up to 2026-03-02 10:27Z, which is 93 min ago, at most 92 min are normal',
  ],
  [
    'a stop that a copy without cursors shows',
    withDisks({
      hiddenFor: 6 * HOUR,
      lastRun: { startedAt: NOW - 451 * MINUTE, outcome: 'complete', failedTargets: 0 },
    }),
    'stopped: disk_measurements: no run for 7.5 h, it is due every 10 min',
  ],
  [
    'a watermark in the future',
    withDisks({ collectedUpTo: NOW + HOUR }),
    'ahead: disk_measurements: collected up to a time in the future',
  ],
  [
    'failed targets',
    withDisks({ lastRun: { startedAt: NOW, outcome: 'partial', failedTargets: 3 } }),
    'failed: disk_measurements: 3 targets could not be collected',
  ],
  [
    'a run that read nothing',
    withDisks({ lastRun: { startedAt: NOW, outcome: 'failed', failedTargets: 0 } }),
    'failed: disk_measurements: the last run could read nothing',
  ],
  [
    'a project that disappeared, but not its lag',
    withDisks({}, { subject: OTHER, unlistedSince: NOW - DAY, collectedUpTo: NOW - DAY }),
    `disappeared: disk_measurements of ${OTHER}: Atlas has not listed it since 2026-03-01 12:00Z`,
  ],
  ['pending objects', withDisks({ pending: 2 }), 'pending: disk_measurements: 2 objects of a run that died'],
  [
    'a collection that failed as a whole',
    facts({
      lastCollect: { at: new Date(NOW - 2 * MINUTE).toISOString(), error: 'refused', credentials: [] },
    }),
    'collect: the last collect, 2 min ago, failed: refused',
  ],
  [
    'a credential that failed while others worked',
    facts({
      lastCollect: {
        at: new Date(NOW - 10 * MINUTE).toISOString(),
        error: null,
        credentials: ['credential a'],
      },
    }),
    'credential: the last collect, 10 min ago: credential a',
  ],
  [
    'a new gap',
    facts({ gaps: [{ dataset: 'alerts', subject: PROJECT, count: 1, from: NOW - HOUR, to: NOW }] }),
    `gap: alerts of ${PROJECT}: 1 new gap between 2026-03-02 11:00Z and 2026-03-02 12:00Z`,
  ],
  [
    'missing objects',
    facts({ missing: [{ table: 'alerts', day: '2026-03-01', count: 4, example: 'a' }] }),
    'missing: alerts of 2026-03-01: 4 objects are missing, the first is a',
  ],
  [
    'duplicates',
    facts({ duplicates: [{ table: 'alerts', day: '2026-03-01', rows: 1 }] }),
    'duplicate: alerts of 2026-03-01: 1 row is there twice',
  ],
  [
    'a secret that expires within a week',
    facts({
      secrets: [
        { owner: 'lake', expiresAt: NOW + DAY },
        { owner: 'x', expiresAt: NOW + 8 * DAY },
      ],
    }),
    'expiring: a secret of the service account "lake" expires at 2026-03-03 12:00Z',
  ],
])('%s is the only problem', (_what, about, expected) => {
  expect(told(about)).toEqual([expect.stringContaining(expected)]);
});

test.each<[string, LakeFacts]>([
  [
    'a stop of three ticks and an hour',
    withDisks({ lastRun: { startedAt: NOW - 90 * MINUTE, outcome: 'complete', failedTargets: 0 } }),
  ],
  ['a lag at the limit', withDisks({ collectedUpTo: NOW - 92 * MINUTE })],
  [
    'a copy without cursors whose last row is old enough for the next one',
    withDisks({
      hiddenFor: 6 * HOUR,
      lastRun: { startedAt: NOW - 450 * MINUTE, outcome: 'complete', failedTargets: 0 },
      collectedUpTo: NOW - 452 * MINUTE,
    }),
  ],
  ['a dataset without listed targets', withDisks({ collectedUpTo: null })],
  [
    'an earlier failure before a run that ended',
    facts({
      lastCollect: { at: new Date(NOW - 20 * MINUTE).toISOString(), error: 'refused', credentials: [] },
    }),
  ],
])('%s is no problem', (_what, about) => {
  expect(told(about)).toEqual([]);
});

test('a project that one dataset lacks was never collected there', () => {
  const more = collected('alerts', { subject: OTHER });
  const about = facts({ datasets: [...facts().datasets, more] });
  expect(told(about)).toContain(
    `never-collected: disk_measurements of ${OTHER}: never collected; run collect`,
  );
  expect(told(about, { excludeProjects: [OTHER] })).toEqual([]);
  expect(told(about, { projects: [PROJECT] })).toEqual([]);
});

test('a project is named, with the id that the configuration needs', () => {
  const names = new Map([[OTHER, 'webshop']]);
  const gap = { dataset: 'alerts', subject: OTHER, count: 1, from: NOW - HOUR, to: NOW };
  const about = facts({
    ...withDisks({}, { subject: OTHER, unlistedSince: NOW - DAY }),
    gaps: [gap],
    names,
  });
  expect(told(about)).toEqual([
    expect.stringContaining(`disappeared: disk_measurements of webshop (${OTHER}): `),
    expect.stringContaining(`gap: alerts of webshop (${OTHER}): 1 new gap `),
  ]);
});

test('the messages about a lake that a stack collects do not advise to run collect', () => {
  const late = { lastRun: { startedAt: NOW - DAY, outcome: 'complete', failedTargets: 0 } } as const;
  const about = withDisks({ pending: 1 }, { ...late, subject: OTHER });
  const options = { now: NOW, datasets, config: parseConfig({}, datasets), isDeployed: true };
  const messages = problemsOf({ ...about, datasets: about.datasets.slice(1) }, options).map(
    ({ message }) => message,
  );
  expect(messages.filter((message) => message.includes('check its schedule')).length).toBeGreaterThan(1);
  expect(messages.join()).not.toContain('run collect');
  const empty = facts({ datasets: [] });
  expect(
    verdictOf(empty, problemsOf(empty, options), { lake: 's3://lake', config: options.config }).summary,
  ).toBe('Cannot tell: nothing was ever collected into s3://lake. Check the schedules of the stack.');
});

test('a disabled dataset has no problem', () => {
  expect(told(withDisks(), { datasets: { disk_measurements: { enabled: false } } })).toEqual([]);
});

test('a note says that the expiry of credentials is unknown without service accounts', () => {
  const { notes } = verdictOf(facts({ hasServiceAccounts: false, olderGaps: 2 }), [], LAKE);
  expect(notes).toContain(
    'Credentials: unknown when they expire, because the inventory has no service account.',
  );
  expect(notes).toContain('Gaps that were found more than a day ago: 2 (open_gaps).');
});

describe('clusters that are not selected', () => {
  const clusters = (selected: string[], deselected: string[], unknown = 0) =>
    facts({
      datasets: datasets.map(({ name }) => collected(name, { clusters: { selected, deselected, unknown } })),
    });
  const judged = (about: LakeFacts, config: unknown = {}) =>
    verdictOf(about, problems(about, config), { lake: '.lake', config: parseConfig(config, datasets) });

  test('are in the summary and in the notes of a lake that is well', () => {
    const { verdict, summary, notes } = judged(clusters(['a'], ['b', 'c', 'd']));
    expect(verdict).toBe('well');
    expect(summary).toMatch(/ or later; 3 clusters are not selected\.$/);
    expect(notes[0]).toBe(
      'Clusters: 3 clusters are not selected by the configuration, only their alerts, events, inventory and costs are collected: b, c, d.',
    );
  });

  test('are a problem if there are no others', () => {
    expect(told(clusters([], ['b', 'c']))).toEqual([
      'nothing-selected: the configuration selects none of the 2 clusters that Atlas lists, only their alerts, events, inventory and costs are collected; correct "clusters" in the configuration',
    ]);
  });

  test('are not a problem in one of two projects', () => {
    const about = facts({
      datasets: datasets.flatMap(({ name }) => [
        collected(name, { clusters: { selected: ['a'], deselected: [], unknown: 0 } }),
        collected(name, { subject: OTHER, clusters: { selected: [], deselected: ['a'], unknown: 0 } }),
      ]),
    });
    expect(judged(about)).toMatchObject({
      verdict: 'well',
      summary: expect.stringMatching(/1 cluster is not selected/),
    });
  });

  test('are what the latest run of any dataset says', () => {
    const disks = { ...collected('disk_measurements').lastRun, startedAt: NOW - 5 * HOUR, failedTargets: 0 };
    const about = withDisks({
      lastRun: { ...disks, outcome: 'complete' },
      clusters: { selected: [], deselected: ['a'], unknown: 0 },
    });
    const others = about.datasets.map((one) =>
      one.dataset === 'disk_measurements'
        ? one
        : { ...one, clusters: { selected: ['a'], deselected: [], unknown: 0 } },
    );
    expect(judged({ ...about, datasets: others }).notes.join()).not.toContain('not selected');
  });

  test('are no problem of a dataset that is disabled', () => {
    const config = { datasets: Object.fromEntries(datasets.map(({ name }) => [name, { enabled: false }])) };
    expect(problems(clusters([], ['b']), config)).toEqual([]);
  });

  test('and unknown ones are a problem', () => {
    expect(told(clusters(['a'], [], 2))).toEqual([
      'unknown-clusters: 2 processes or hosts are not collected, because their clusters or tags are unknown; see collection_runs.notes',
    ]);
  });

  test('are noted with each pattern of names that matches none', () => {
    const config = { clusters: { include: ['ord*', 'Orders', 'a'], exclude: ['*-test'] } };
    expect(
      judged(clusters(['orders', 'a'], []), config).notes.filter((note) => /^Clusters/.test(note)),
    ).toEqual([
      'Clusters: clusters.include "Orders" matches none of 2 clusters.',
      'Clusters: clusters.exclude "*-test" matches none of 2 clusters.',
    ]);
  });
});
