import * as z from 'zod';
import type { Document } from '../cursors/document.ts';
import type { StateCodec } from '../engine/dataset.ts';
import {
  decodeHistory,
  encodeHistory,
  type HistoryState,
  historyFields,
  historySize,
  newHistory,
} from '../histories/state.ts';
import { emptyVolume, type Volume } from './volume.ts';

/** What is known of a log. */
export interface LogState extends HistoryState {
  volume: Volume;
}

export function newLog(watermark: number): LogState {
  return { ...newHistory(watermark), volume: emptyVolume(watermark) };
}

const storedSchema = z.array(
  z.strictObject({
    name: z.string(),
    ...historyFields,
    volume: z.strictObject({ day: z.string(), bytes: z.number(), exceeded: z.number().nullable() }),
  }),
);

/** The bytes of what is stored in addition to a history. */
const OWN_BYTES = 120;

export const logsCodec: StateCodec<LogState> = {
  // Version 1 had no passes.
  stateVersion: 2,
  encode: (states): Document =>
    [...states].map(([name, state]) => ({ name, ...encodeHistory(state), volume: { ...state.volume } })),
  decode(stored, watermarks) {
    const states = new Map<string, LogState>();
    for (const { name, volume, ...fields } of storedSchema.parse(stored)) {
      const watermark = watermarks.get(name);
      if (watermark !== undefined) states.set(name, { ...decodeHistory(fields, watermark), volume });
    }
    return states;
  },
  sizeBound: (state) => historySize(state) + OWN_BYTES,
};
