import type { Mutant } from './mutant.ts';

const SELECTION = 'shared/engine/cluster-selection.ts';
const DISCOVERY = 'shared/engine/discovery.ts';
const ENGINE = 'test/integration/engine/cluster-selection.slow.test.ts';
const topic = 'process_measurements';

/** Planted bugs in the selection of clusters. */
export const CLUSTER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a cluster that is not selected is read',
    topic,
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
    topic,
    changes: [
      {
        file: SELECTION,
        text: "const isRemembered = verdict === 'unknown' &&",
        replacement: "const isRemembered = verdict !== 'deselected' &&",
      },
    ],
  },
  {
    name: 'the targets of a cluster that is selected again are listed an hour later',
    topic,
    changes: [
      {
        file: SELECTION,
        text: "if (isRead && before !== 'selected') cursor.listingAt = null;",
        replacement: '',
      },
    ],
  },
  {
    name: 'a cluster with unknown tags counts as selected',
    topic,
    changes: [
      {
        file: SELECTION,
        text: "isIncluded === undefined ? 'unknown' : 'selected';",
        replacement: "isIncluded === undefined ? 'selected' : 'selected';",
      },
    ],
  },
  {
    name: 'a known name of a cluster is forgotten while the list of clusters fails',
    topic,
    changes: [
      {
        file: DISCOVERY,
        text: "if (cluster !== null || before['cluster_name'] == null) return reported;",
        replacement: "if (cluster !== null || before['cluster_name'] !== null) return reported;",
      },
    ],
  },
  {
    name: 'a failed list of clusters forgets what was selected',
    test: ENGINE,
    changes: [
      {
        file: SELECTION,
        text: "verdict === 'unknown' && cursor.attributes[VERDICT] != null;",
        replacement: "verdict === 'unknown' && cursor.attributes[VERDICT] === null;",
      },
    ],
  },
  {
    name: 'a selection is not applied while the list of processes fails',
    test: ENGINE,
    changes: [
      {
        file: DISCOVERY,
        text: "      await choose(new Set(), !unreachable && classified.kind === 'failure');",
        replacement: '',
      },
    ],
  },
  {
    name: 'an excluded tag does not matter',
    topic,
    changes: [
      {
        file: SELECTION,
        text: 'const isExcluded = excludeTags.length === 0 ? false : has(excludeTags);',
        replacement: 'const isExcluded = excludeTags.length === 0 ? false : has([]);',
      },
    ],
  },
  {
    name: 'a gap does not say that its cluster was not selected',
    topic: 'snapshots',
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: 'unreadRemark(target.cursor, { from, to })',
        replacement: "''",
      },
    ],
  },
  {
    name: 'the clusters of snapshots are not selected',
    topic: 'snapshots',
    changes: [
      {
        file: 'shared/snapshots/snapshot-collector.ts',
        text: 'attributes: { cluster_name: name }',
        replacement: 'attributes: {}',
      },
    ],
  },
  {
    name: 'a tag without a value makes its cluster unreadable',
    test: 'test/unit/atlas/schemas.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/discovery.ts',
        text: 'value: z.string().nullish() })',
        replacement: 'value: z.string() })',
      },
    ],
  },
];
