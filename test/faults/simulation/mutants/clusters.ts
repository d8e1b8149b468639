import type { Mutant } from './mutant.ts';

const SELECTION = 'shared/engine/cluster-selection.ts';
const DISCOVERY = 'shared/engine/discovery.ts';
const UNIT = 'test/unit/engine/cluster-selection.test.ts';
const ENGINE = 'test/integration/engine/cluster-selection.slow.test.ts';

/** Planted bugs in the selection of clusters. */
export const CLUSTER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a cluster that is not selected is read',
    test: ENGINE,
    changes: [
      {
        file: DISCOVERY,
        text: 'return [...selected(cursors).values()].flatMap',
        replacement: 'return [...cursors.values()].flatMap',
      },
    ],
  },
  {
    name: 'a cluster that is selected again stays unread',
    test: ENGINE,
    changes: [
      {
        file: SELECTION,
        text: "const isRemembered = verdict === 'unknown' &&",
        replacement: "const isRemembered = verdict !== 'deselected' &&",
      },
    ],
  },
  {
    name: 'a cluster that is not selected is missed',
    test: ENGINE,
    changes: [
      {
        file: DISCOVERY,
        text: "storedVerdict(cursor) === 'selected'));",
        replacement: "storedVerdict(cursor) !== 'unknown'));",
      },
    ],
  },
  {
    name: 'a cluster with unknown tags counts as selected',
    test: UNIT,
    changes: [
      {
        file: SELECTION,
        text: "isIncluded === undefined ? 'unknown' : 'selected';",
        replacement: "isIncluded === undefined ? 'selected' : 'selected';",
      },
    ],
  },
  {
    name: 'a failed list of clusters forgets what was selected',
    test: ENGINE,
    changes: [
      {
        file: SELECTION,
        text: "verdict === 'unknown' && attributes[ATTRIBUTE] != null;",
        replacement: "verdict === 'unknown' && attributes[ATTRIBUTE] === null;",
      },
    ],
  },
];
