import type { Mutant } from './mutant.ts';

const TASKS = 'shared/snapshots/tasks.ts';
const STEP = 'shared/snapshots/snapshot-step.ts';
const COLLECTOR = 'shared/snapshots/snapshot-collector.ts';
const SUGGESTIONS = 'functions/index-suggestions/collector.ts';
const SUGGESTION_ROWS = 'functions/index-suggestions/rows.ts';
const topic = 'snapshots';

/** Planted bugs in the snapshots of what Atlas computes for clusters. */
export const SNAPSHOT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a snapshot of a day is taken before the day is over',
    topic,
    changes: [
      {
        file: TASKS,
        text: 'if (next >= settled) return null;',
        replacement: 'if (next > settled) return null;',
      },
    ],
  },
  {
    name: 'a day without a snapshot leaves no gap',
    topic,
    changes: [
      { file: TASKS, text: 'const missed = due < from ?', replacement: 'const missed = due > from ?' },
    ],
  },
  {
    name: 'days between a refusal and what can be read leave no gap',
    topic,
    changes: [
      {
        file: TASKS,
        text: 'const missed = unavailableOn === null ? null :',
        replacement: 'const missed = unavailableOn !== null ? null :',
      },
    ],
  },
  {
    name: 'a late message takes the snapshot of its tick',
    test: 'test/unit/snapshots/tasks.test.ts',
    changes: [
      {
        file: TASKS,
        text: '  const from = floorTo(time.now, interval);\n  if (watermark',
        replacement: '  const from = floorTo(time.tick, interval);\n  if (watermark',
      },
    ],
  },
  {
    name: 'windows that are too old to read leave no gap',
    topic,
    changes: [
      {
        file: STEP,
        text: 'tables: [], gaps: [gap] });',
        replacement: 'tables: [], gaps: [gap].filter(({ to }) => to < 0) });',
      },
    ],
  },
  {
    name: 'a dropped window counts as one without suggestions',
    topic,
    changes: [
      {
        file: STEP,
        text: 'if (snapshot.isEmpty && mayBeDropped())',
        replacement: 'if (snapshot.isEmpty && request.from < 0)',
      },
    ],
  },
  {
    name: 'a failure of Atlas counts as a list that the cluster does not have',
    topic,
    changes: [
      {
        file: STEP,
        text: 'if (isUnavailable(error) || isRoleRefusal(error))',
        replacement: 'if (isFromAtlas(error))',
      },
    ],
  },
  {
    name: 'the unread days of a removed cluster leave no gap',
    topic,
    changes: [
      {
        file: COLLECTOR,
        text: 'return lost && gapStep(work, { ...lost, reason: lostReason(target) });',
        replacement: 'return null;',
      },
    ],
  },
  {
    name: 'suggestions of one collection are one suggestion',
    topic,
    changes: [
      {
        file: SUGGESTION_ROWS,
        text: 'JSON.stringify([reason, namespace, index_keys, index_name])',
        replacement: 'JSON.stringify([reason, namespace])',
      },
    ],
  },
  {
    name: 'an index that is suggested twice is written twice',
    topic,
    changes: [
      {
        file: SUGGESTION_ROWS,
        text: 'JSON.stringify([reason, namespace, index_keys, index_name])',
        replacement: 'JSON.stringify([reason, namespace, index_keys, index_name, weight])',
      },
    ],
  },
  {
    name: 'a day without suggestions leaves no trace',
    topic,
    changes: [
      {
        file: SUGGESTIONS,
        text: 'rows: [snapshot] }',
        replacement: 'rows: rows.length > 0 ? [snapshot] : [] }',
      },
    ],
  },
  {
    name: 'a dropped hour counts as one without queries',
    topic,
    changes: [
      {
        file: STEP,
        text: 'if (snapshot.isEmpty && mayBeDropped())',
        replacement: "if (snapshot.isEmpty && list.contents !== 'query shapes' && mayBeDropped())",
      },
    ],
  },
  {
    name: 'the hour of query shapes ends a minute early',
    topic,
    changes: [
      {
        file: 'functions/query-shapes/collector.ts',
        text: '{ start: from, end: to }',
        replacement: '{ start: from, end: to - 60_000 }',
      },
    ],
  },
  {
    name: 'two hours of query shapes have the same time',
    topic,
    changes: [
      {
        file: 'functions/query-shapes/rows.ts',
        text: 'ts: from,',
        replacement: 'ts: from - (from % 7_200_000),',
      },
    ],
  },
];
