import { datasets } from '../functions/datasets.ts';
import { parseConfig, settingsFor } from '../shared/config.ts';
import type { Header, PartitionKey } from '../shared/cursors/header.ts';
import { storedVerdict, type Verdict } from '../shared/engine/cluster-selection.ts';
import { decodeCursors } from '../shared/engine/cursor-codec.ts';
import { committedUpTo, targetLabel } from '../shared/engine/dataset.ts';
import { parseRunStatistics, type RunStatistics } from '../shared/engine/run-statistics.ts';
import { type ClusterFacts, clusterFacts } from './cluster-verdicts.ts';
import type { CursorReader } from './cursor-snapshot.ts';

export interface TargetStatus {
  target: string;
  /** Ms since the epoch. */
  committedUpTo: number;
  listed: boolean;
  /** Whether the configuration of the last run selected its cluster. */
  verdict: Verdict;
}

/** What the cursors say about one dataset of one project or organisation. */
export interface DatasetStatus extends PartitionKey {
  targets: TargetStatus[];
  /** Sources without known targets, because their clusters are not selected, or not known. */
  unread: { source: string; verdict: Verdict }[];
  clusters: ClusterFacts;
  statistics: RunStatistics;
  header: Header;
}

/** Reads the status of each dataset and subject, sorted by both. */
export async function readStatus({ cursors, readHeaders }: CursorReader): Promise<DatasetStatus[]> {
  const all: DatasetStatus[] = [];
  for (const { scope, header } of await readHeaders()) {
    const dataset = datasets.find(({ name }) => name === scope.dataset);
    if (!dataset) continue;
    const items = await cursors.readCursors(scope);
    const statistics = parseRunStatistics(header.statistics);
    const lastTick = statistics.last_run?.tick ?? 0;
    const lastRun = statistics.last_run?.started_at ?? 0;
    const settings = settingsFor(dataset, parseConfig({}, []));
    const { targets, unread, clusters } = dataset.withCodec(settings, (codec) => {
      const read = [...decodeCursors(codec, items).values()];
      const targets = read.flatMap((cursor) =>
        [...cursor.targets].map(([name, { state, listed }]) => ({
          target: targetLabel({ source: cursor.source, name }),
          committedUpTo: committedUpTo(state, lastTick),
          listed,
          verdict: storedVerdict(cursor),
        })),
      );
      const unread = read
        .map((cursor) => ({ source: cursor.source, verdict: storedVerdict(cursor), targets: cursor.targets }))
        .filter((one) => one.targets.size === 0 && one.verdict !== 'selected')
        .map(({ source, verdict }) => ({ source, verdict }));
      return { targets, unread, clusters: clusterFacts(read, lastRun) };
    });
    all.push({ ...scope, targets, unread, clusters, header, statistics });
  }
  return all.sort((a, b) => order(a).localeCompare(order(b)));
}

function order({ dataset, subject }: PartitionKey): string {
  return `${dataset}/${subject}`;
}

/** Returns how far the listed and selected target that is furthest behind is committed; null if there is none. */
export function furthestBehind(targets: readonly TargetStatus[]): number | null {
  const watermarks = targets
    .filter(({ listed, verdict }) => listed && verdict === 'selected')
    .map((target) => target.committedUpTo);
  return watermarks.length === 0 ? null : Math.min(...watermarks);
}
