import type { Mutant } from './mutant.ts';

const OPTIONAL = 'shared/measurements/optional-series.ts';
const COLLECTOR = 'functions/search-measurements/collector.ts';
const UNIT = 'test/unit/measurements/optional-series.test.ts';
const ENGINE = 'test/integration/engine/search-measurements.slow.test.ts';
const topic = 'search_measurements';

/** Planted bugs in the measurements of Atlas Search: targets without values, and a response with two lists. */
export const SEARCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'a target with values rests',
    topic,
    changes: [
      {
        file: OPTIONAL,
        text: 'position - values.last >= restMs;',
        replacement: 'position - values.last < restMs;',
      },
    ],
  },
  {
    name: 'the status of Atlas Search is not read',
    topic,
    changes: [
      {
        file: 'shared/atlas/schemas/measurements.ts',
        text: '    ...statusMeasurements,\n',
        replacement: '    ...statusMeasurements.slice(0, 0),\n',
      },
    ],
  },
  {
    name: 'a target without values is read in each run',
    test: ENGINE,
    changes: [{ file: OPTIONAL, text: 'position > from && ', replacement: 'position < from && ' }],
  },
  {
    name: 'every error counts as a host without Atlas Search',
    test: ENGINE,
    changes: [
      {
        file: COLLECTOR,
        text: 'isLacking: (error) => isRejected(error)',
        replacement: 'isLacking: (error) => error !== null || isRejected(error)',
      },
    ],
  },
  {
    name: 'a refusal counts as empty though there were values',
    test: UNIT,
    changes: [
      {
        file: OPTIONAL,
        text: 'if (values === null && isLacking',
        replacement: 'if (values !== undefined && isLacking',
      },
    ],
  },
  {
    name: 'a missing target without values rests',
    test: UNIT,
    changes: [
      { file: OPTIONAL, text: 'if (missingSince !== null || ', replacement: 'if (missingSince === 0 || ' },
    ],
  },
  {
    name: 'verify expects values of each process without Atlas Search',
    test: 'test/unit/measurements/series-codec.test.ts',
    changes: [
      {
        file: 'shared/measurements/series-collector.ts',
        text: '      if (optional) return null;\n',
        replacement: '',
      },
    ],
  },
];
