import * as z from 'zod';
import type { Document } from '../cursors/document.ts';
import type { StateCodec, TargetState } from '../engine/dataset.ts';
import type { PastAvailability } from '../sources/availability.ts';

/**
 * How far the snapshots of one list of a cluster were taken. For a list that Atlas answers for a window, `watermark` is
 * the end of the last window; for one that it answers only as of now, the start of the last day with a snapshot.
 */
export interface SnapshotState extends TargetState, PastAvailability {}

export const SNAPSHOTS_VERSION = 1;

const storedSchema = z.array(
  z.strictObject({
    name: z.string(),
    unavailable_on: z.string().nullable(),
    nothing_before: z.string().nullable(),
  }),
);

/** Two days, and the bytes around them. */
const STATE_BYTES = 120;

/**
 * Returns the codec of the snapshots of a dataset.
 *
 * @param restMs how long after its watermark a list is left unread on purpose
 */
export function snapshotCodec(restMs: number): StateCodec<SnapshotState> {
  return {
    stateVersion: SNAPSHOTS_VERSION,
    encode: encodeStates,
    decode: (stored, watermarks) =>
      new Map(
        storedSchema.parse(stored).flatMap(({ name, unavailable_on, nothing_before }) => {
          const watermark = watermarks.get(name);
          if (watermark === undefined) return [];
          const idle = unavailable_on !== null;
          const state = {
            watermark,
            restMs,
            unavailableOn: unavailable_on,
            nothingBefore: nothing_before,
            idle,
          };
          return [[name, state]];
        }),
      ),
    sizeBound: () => STATE_BYTES,
    largestState: STATE_BYTES,
  };
}

function encodeStates(states: ReadonlyMap<string, SnapshotState>): Document {
  return [...states].map(([name, { unavailableOn, nothingBefore }]) => ({
    name,
    unavailable_on: unavailableOn,
    nothing_before: nothingBefore,
  }));
}
