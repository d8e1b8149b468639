import { mapListing, wholeListing } from '../atlas/listing.ts';
import type { Target } from '../engine/cursor.ts';
import type { Collector } from '../engine/dataset.ts';
import { projectOf, type Subject } from '../ids.ts';
import { isUnavailableToday } from '../sources/availability.ts';
import { isExpired, lostReason } from '../sources/retention.ts';
import type { SnapshotList } from './snapshot-list.ts';
import { gapStep, snapshotStep } from './snapshot-step.ts';
import type { SnapshotState } from './state.ts';
import { firstState, HOLDING, lostWithCluster, nextTask, pulledBack, type SnapshotPlan } from './tasks.ts';

/**
 * Returns a collector that takes snapshots of lists of each cluster. The sources are the clusters, and the targets the
 * lists. Each list has its own state, so one that fails does not hold up the others.
 */
export function snapshotCollector(
  lists: readonly SnapshotList[],
  plan: SnapshotPlan,
  subject: Subject,
): Collector<SnapshotState> {
  const project = projectOf(subject);
  const listOf = (target: string): SnapshotList => {
    const list = lists.find(({ name }) => name === target);
    if (!list) throw new Error(`no list is called ${target}`);
    return list;
  };
  return {
    async listSources(atlas) {
      const clusters = await atlas.listClusters(project);
      return mapListing(clusters, (items) =>
        items.map(({ name }) => ({ id: name, attributes: { cluster_name: name }, hasData: true })),
      );
    },
    listTargets: async () => wholeListing(lists.map(({ name }) => name)),
    firstState: (time, name) => firstState(listOf(name), plan, time),
    nextStep(target: Target<SnapshotState>, time) {
      const { state, missingSince } = target;
      const list = listOf(target.name);
      const work = { list, plan, project, target, time };
      if (missingSince !== null && isExpired(target, HOLDING, time)) {
        const lost = lostWithCluster(state, list, plan, missingSince);
        return lost && gapStep(work, { ...lost, reason: lostReason(target) });
      }
      if (isUnavailableToday(state, time.now)) return null;
      // Whatever Atlas says now is not about a cluster that has left.
      if (missingSince !== null && !list.isOfWindow) return null;
      const task = nextTask(state, list, plan, time);
      if (!task) return null;
      return task.kind === 'skip' ? gapStep(work, task.gap) : snapshotStep(work, task);
    },
    pulledBack: (state, instant) => pulledBack(state, plan, instant),
  };
}
