import type { Mutant } from './mutant.ts';

const DEFINITION = 'infra/analysis/compaction-definition.ts';
const RUN = 'test/infra/analysis/compaction-run.slow.test.ts';

/** Mistakes in the compaction in AWS, which no history runs. */
export const COMPACTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'the first page of days to compact counts as all of them',
    test: RUN,
    changes: [
      {
        file: DEFINITION,
        text: "{ Condition: '{% $isComplete and $until = $today %}', Next: 'MoveBoundaries' },",
        replacement: "{ Condition: '{% $until = $today %}', Next: 'MoveBoundaries' },",
      },
    ],
  },
  {
    name: 'a full listing of days to compact counts as complete',
    test: RUN,
    changes: [
      {
        file: DEFINITION,
        text: '$count($states.result.ResultSet.Rows) <= ',
        replacement: '0 <= ',
      },
    ],
  },
  {
    name: 'a compaction of several nights moves the boundary past late rows',
    test: RUN,
    changes: [
      {
        file: DEFINITION,
        text: "{ Condition: '{% $isComplete and $until = $today %}', Next: 'MoveBoundaries' },",
        replacement: "{ Condition: '{% $isComplete %}', Next: 'MoveBoundaries' },",
      },
    ],
  },
  {
    name: 'an execution compacts until nothing is left',
    test: RUN,
    changes: [
      { file: DEFINITION, text: 'export const LISTINGS = 4;', replacement: 'export const LISTINGS = 40;' },
    ],
  },
];
