import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import { SELF, type StateCodec } from '../../shared/engine/dataset.ts';
import {
  decodeHistory,
  encodeHistory,
  type HistoryState,
  historyFields,
  historySize,
} from '../../shared/histories/state.ts';

/** Version 1 had an empty name for the host itself. Version 2 had no passes. */
export const HISTORIES_VERSION = 3;

const storedSchema = z.array(
  z.strictObject({ name: z.string().transform((name) => name || SELF), ...historyFields }),
);

export function encodeHistories(states: ReadonlyMap<string, HistoryState>): Document {
  return [...states].map(([name, state]) => ({ name, ...encodeHistory(state) }));
}

export function decodeHistories(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
): Map<string, HistoryState> {
  const states = new Map<string, HistoryState>();
  for (const { name, ...fields } of storedSchema.parse(stored)) {
    const watermark = watermarks.get(name);
    if (watermark !== undefined) states.set(name, decodeHistory(fields, watermark));
  }
  return states;
}

export const historiesCodec: StateCodec<HistoryState> = {
  stateVersion: HISTORIES_VERSION,
  encode: encodeHistories,
  decode: decodeHistories,
  sizeBound: historySize,
};
