import { commandOf } from '../backfills.ts';
import type { WatermarkMove } from '../cursor-changes.ts';
import type { RunRecord, World } from '../world.ts';

/** A move of a watermark, with the run that made it. */
export interface Advance extends WatermarkMove {
  /** The watermark before the move. For a new target, the start that the configuration gives. */
  start: number;
  run: RunRecord;
  at: number;
  sequence: number;
  /** The move that this one had to continue from. Undefined if the table did not know the target. */
  previous: Advance | undefined;
  /** The number of commits before it, and of those before the first one after a restore that lost it. */
  place: number;
  lostFrom: number;
}

/** Identifies the target of a watermark. */
export interface TrackedTarget {
  dataset: string;
  subject: string;
  source: string;
  name: string;
}

/**
 * Returns the moves of a target's watermark, commit by commit.
 *
 * @param begin returns where a target's watermark begins, given the first run that sees the target
 */
export function advancesOf(
  world: World,
  { dataset, subject, source, name }: TrackedTarget,
  begin: (run: RunRecord, move: WatermarkMove) => number,
): Advance[] {
  const advances: Advance[] = [];
  /** The states of the table in which the target has been, and the last move in each. */
  const stored: Array<{ lostFrom: number; last: Advance | undefined }> = [];
  for (const [place, commit] of world.observer.commits.entries()) {
    if (commit.dataset !== dataset || commit.subject !== subject) continue;
    const move = commit.moves.find((one) => one.source === source && one.name === name);
    if (!move) continue;
    const { at, sequence, lostFrom } = commit;
    // A batch that was recorded before the table was lost continues from the state of the lost table.
    const previous = stored.findLast((state) => commit.isRecovered || state.lostFrom > place)?.last;
    // A backfill moves no watermark (`oracle/backfills.ts`), but records what an earlier run has moved.
    if (commandOf(commit.run) !== undefined) {
      stored.push({ lostFrom, last: previous });
      continue;
    }
    const run = world.runs.get(commit.run);
    if (!run) throw new Error(`unknown run ${commit.run}`);
    const start = move.from ?? begin(run, move);
    const advance = { ...move, start, run, at, sequence, previous, place, lostFrom };
    advances.push(advance);
    stored.push({ lostFrom, last: advance });
  }
  return advances;
}
