import { isFromAtlas, isRoleRefusal, isUnavailable, refusalCode } from '../atlas/refusal.ts';
import type { Target } from '../engine/cursor.ts';
import type { Gap, Step, StepResult } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import type { ProjectId } from '../ids.ts';
import { utcDay } from '../lake/format.ts';
import { availableAfter, precedesRefusal } from '../sources/availability.ts';
import type { Snapshot, SnapshotList, SnapshotRequest } from './snapshot-list.ts';
import type { SnapshotState } from './state.ts';
import { isOld, passedTo, type SnapshotPlan, type SnapshotTask } from './tasks.ts';

/** One list of a cluster in one run. */
export interface SnapshotWork {
  list: SnapshotList;
  plan: SnapshotPlan;
  project: ProjectId;
  target: Target<SnapshotState>;
  time: RunTime;
}

/** Returns a step that records a gap. */
export function gapStep({ list, plan, target }: SnapshotWork, gap: Gap): Step<SnapshotState> {
  return async () => ({ state: passedTo(target.state, list, plan, gap.to), tables: [], gaps: [gap] });
}

/** Returns a step that takes one snapshot. */
export function snapshotStep(
  work: SnapshotWork,
  { from, missed }: Extract<SnapshotTask, { kind: 'read' }>,
): Step<SnapshotState> {
  return async (atlas, collectedAt) => {
    const { list, plan, project, target } = work;
    const to = from + plan.interval;
    const request = { atlas, project, cluster: target.source, from, to, collectedAt };
    const response = await readList(list, request);
    if (response.kind === 'unavailable') return unavailable(work, to, missed, response.reason);
    const { state } = target;
    const reasons = response.kind === 'lost' ? [response.reason] : missingIn(list, response.snapshot);
    // Nothing of a window before a refusal is lost.
    const isKnown = response.kind === 'lost' && precedesRefusal(state, from);
    const gaps = reasons.length > 0 && !isKnown ? [{ from, to, reason: reasons.join('; ') }] : [];
    return {
      state: {
        ...passedTo(state, list, plan, to),
        ...availableAfter(state, from),
        idle: false,
      },
      tables: response.kind === 'lost' ? [] : response.snapshot.tables,
      gaps: missed ? [missed, ...gaps] : gaps,
    };
  };
}

/** What Atlas returns for one snapshot. */
type ListResult =
  | { kind: 'read'; snapshot: Snapshot }
  /** Atlas can no longer compute the list for the window. */
  | { kind: 'lost'; reason: string }
  /** The cluster's tier or version does not have the list, or the role is not sufficient. */
  | { kind: 'unavailable'; reason: string };

async function readList(list: SnapshotList, request: SnapshotRequest): Promise<ListResult> {
  const mayBeDropped = () => list.isOfWindow && isOld(request.from, request.collectedAt());
  try {
    const snapshot = await list.read(request);
    if (snapshot.isEmpty && mayBeDropped())
      return { kind: 'lost', reason: `no ${list.contents}, and Atlas may have deleted their data` };
    return { kind: 'read', snapshot };
  } catch (error) {
    if (isUnavailable(error) || isRoleRefusal(error))
      return { kind: 'unavailable', reason: refusalCode(error) };
    if (isFromAtlas(error) && error.status === 400 && mayBeDropped())
      return { kind: 'lost', reason: `no longer given: ${refusalCode(error)}` };
    throw error;
  }
}

function missingIn({ contents }: SnapshotList, { unreadable }: Snapshot): string[] {
  return unreadable > 0 ? [`${unreadable} ${contents} that cannot be read`] : [];
}

/** Returns the result of a refusal. A list without windows has nothing to read later. */
function unavailable(
  { list, plan, target: { state }, time }: SnapshotWork,
  to: number,
  missed: Gap | null,
  reason: string,
): StepResult<SnapshotState> {
  const answered = list.isOfWindow ? state : passedTo(state, list, plan, to);
  return {
    state: { ...answered, unavailableOn: utcDay(time.now), idle: true },
    tables: [],
    // After an earlier refusal there was nothing to miss.
    gaps: missed && state.unavailableOn === null ? [missed] : [],
    warnings: [`a cluster gives no ${list.contents}, and is asked again tomorrow: Atlas answers ${reason}`],
  };
}
