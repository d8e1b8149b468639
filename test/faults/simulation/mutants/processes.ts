import type { Mutant } from './mutant.ts';

const SUBSTITUTION = 'shared/measurements/substitution.ts';
const GRANULARITY = 'shared/measurements/granularity.ts';
const topic = 'process_measurements';

const SUBSTITUTE = '{ ...newSpan(substitute, refused.position), to }';

/** Planted bugs in the measurements of processes: substitutes of a granularity, and selected series. */
export const PROCESS_MUTANTS: readonly Mutant[] = [
  {
    name: 'the substitute of a granularity begins a minute late',
    topic,
    changes: [
      {
        file: SUBSTITUTION,
        text: SUBSTITUTE,
        replacement: '{ ...newSpan(substitute, refused.position + 60_000), to }',
      },
    ],
  },
  {
    name: 'the substitute of a granularity reads the hour before it again',
    topic,
    changes: [
      {
        file: SUBSTITUTION,
        text: SUBSTITUTE,
        replacement: '{ ...newSpan(substitute, refused.position - 3_600_000), to }',
      },
    ],
  },
  {
    name: 'a refused granularity loses its final checks without a gap',
    test: 'test/unit/measurements/substitution.test.ts',
    changes: [
      {
        file: SUBSTITUTION,
        text: 'if (from < position) gaps.push(',
        replacement: 'if (from < position - position) gaps.push(',
      },
    ],
  },
  {
    name: 'a refused granularity is never requested again',
    test: 'test/unit/measurements/substitution.test.ts',
    changes: [
      {
        file: SUBSTITUTION,
        text: 'tick < state.substitutedUntil) return state;',
        replacement: 'tick < Number.POSITIVE_INFINITY) return state;',
      },
    ],
  },
  {
    name: 'two resolutions with the same retention replace a third one',
    topic,
    changes: [
      {
        file: GRANULARITY,
        text: 'other.retention <= longest) return false;',
        replacement: 'other.retention <= retention) return false;',
      },
    ],
  },
  {
    name: 'a series that is not selected is written',
    topic,
    changes: [
      {
        file: 'shared/measurements/series-reading.ts',
        text: 'const selected = response.filter(({ name }) => plan.selects(name));',
        replacement: 'const selected = plan.jitter < 0 ? [] : response;',
      },
    ],
  },
  {
    name: 'a mongos is not collected',
    test: 'test/integration/engine/process-measurements.test.ts',
    changes: [
      {
        file: 'functions/process-measurements/collector.ts',
        text: 'processSources({ except: [] })',
        replacement: "processSources({ except: ['SHARD_MONGOS'] })",
      },
    ],
  },
];
