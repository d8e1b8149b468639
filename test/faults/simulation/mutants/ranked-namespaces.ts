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
        text: 'if (next < settled && ',
        replacement: 'if (next <= settled && ',
      },
    ],
  },
  {
    name: 'failed measurements are left out, and the hour counts as read',
    changes: [
      {
        file: READING,
        text: '        if (failure === null) throw error;\n        return { ...NOTHING, failures: [{ part: namespace, error: failure }] };',
        replacement: '        return NOTHING;',
      },
    ],
  },
  {
    name: 'hours that are too old to request leave no gap',
    changes: [
      {
        file: COLLECTOR,
        text: 'tables: [], gaps: [...before, gap] });',
        replacement: 'tables: [], gaps: before });',
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
  {
    name: 'a namespace that always fails holds up its process for ever',
    test: 'test/integration/ranked-namespaces/failing-namespaces.slow.test.ts',
    changes: [
      {
        file: READING,
        text: 'if (failure && !isGivenUp) return',
        replacement: 'if (failure) return',
      },
    ],
  },
  {
    name: 'a namespace that fails is lost at once if its hour is old',
    test: 'test/integration/ranked-namespaces/failing-namespaces.slow.test.ts',
    changes: [
      {
        file: TASKS,
        text: 'return since === undefined ? 0 : Math.max(0, requestTime(time) - Math.max(since, hour + HOUR));',
        replacement: 'void since;\n  return Math.max(0, requestTime(time) - (hour + HOUR));',
      },
    ],
  },
  {
    name: 'each hour waits again for a namespace that always fails',
    test: 'test/integration/ranked-namespaces/failing-namespaces.slow.test.ts',
    changes: [
      {
        file: TASKS,
        text: 'if (continues && hour >= state.watermark)',
        replacement: 'if (continues && hour < 0)',
      },
    ],
  },
];
