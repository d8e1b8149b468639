import type { Mutant } from './mutant.ts';

const COLLECTOR = 'functions/ranked-namespaces/collector.ts';
const TASKS = 'functions/ranked-namespaces/tasks.ts';
const READING = 'functions/ranked-namespaces/reading.ts';

/** Planted bugs in the reading of hours of ranked namespaces. */
export const RANKED_NAMESPACE_MUTANTS: readonly Mutant[] = [
  {
    name: 'hours after a refusal that are too old to be read are no gap',
    test: 'test/unit/ranked-namespaces/hours.test.ts',
    changes: [
      {
        file: TASKS,
        text: 'const missed = refused === null ? null :',
        replacement: 'const missed = 1 > 0 ? null :',
      },
    ],
  },
  {
    name: 'an empty hour is not requested again',
    changes: [
      {
        file: TASKS,
        text: 'const waits = isEmpty && lastRequestedAt - firstRequestedAt < PATIENCE;',
        replacement: 'const waits = isEmpty && lastRequestedAt - firstRequestedAt > PATIENCE;',
      },
    ],
  },
  {
    name: 'a filled hour is requested again',
    changes: [
      {
        file: TASKS,
        text: 'const waits = isEmpty && lastRequestedAt - firstRequestedAt < PATIENCE;',
        replacement:
          'const waits = (isEmpty || before !== undefined) && lastRequestedAt - firstRequestedAt < PATIENCE;',
      },
    ],
  },
  {
    name: 'an hour is read before it is over',
    changes: [
      {
        file: TASKS,
        text: 'if (next < settled) return',
        replacement: 'if (next <= settled) return',
      },
    ],
  },
  {
    name: 'failed measurements are left out, and the hour counts as read',
    changes: [
      {
        file: READING,
        text: '        failed = true;\n        throw error;',
        replacement: '        return { points: [], lost: [] };',
      },
    ],
  },
  {
    name: 'hours that are too old to request leave no gap',
    changes: [
      {
        file: COLLECTOR,
        text: 'tables: [], gaps: [gap] });',
        replacement: 'tables: [], gaps: [gap].filter(({ to }) => to < 0) });',
      },
    ],
  },
  {
    name: 'a deleted hour counts as an hour without activity',
    changes: [
      {
        file: READING,
        text: 'if (response.length === 0 && isOld(',
        replacement: 'if (response.length < 0 && isOld(',
      },
    ],
  },
  {
    name: 'measurements that Atlas does not give leave no gap',
    changes: [
      {
        file: COLLECTOR,
        text: 'const missing = lost.length > 0 ?',
        replacement: 'const missing = lost.length > 99 ?',
      },
    ],
  },
];
