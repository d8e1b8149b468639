import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import type { StateCodec } from '../../shared/engine/dataset.ts';
import { emptyLookback } from '../../shared/histories/lookback.ts';
import type { ShownAge } from '../../shared/histories/shown-retention.ts';
import {
  decodeHistory,
  encodeHistory,
  type HistoryState,
  historyFields,
  historySize,
  newHistory,
} from '../../shared/histories/state.ts';

/** What is known of the slow queries of a process. */
export interface SlowQueriesState extends HistoryState, ShownAge {
  /** Whether the known hashes are of redacted lines. */
  isRedacted: boolean;
}

const storedSchema = z.array(
  z.strictObject({ name: z.string(), ...historyFields, shown_age: z.number(), redacted: z.boolean() }),
);

/** The bytes of what is stored in addition to a history. */
const OWN_BYTES = 60;

export function newSlowQueries(watermark: number, isRedacted: boolean): SlowQueriesState {
  return { ...newHistory(watermark), shownAge: 0, isRedacted };
}

/**
 * Returns the state for lines that are redacted or not. After a change of the setting, lines have other ids. The known
 * ones say nothing then, so the run reads nothing before its watermark again.
 */
export function withRedaction(state: SlowQueriesState, isRedacted: boolean): SlowQueriesState {
  if (state.isRedacted === isRedacted) return state;
  return { ...state, isRedacted, lookback: emptyLookback(state.watermark), pass: null };
}

function encode(states: ReadonlyMap<string, SlowQueriesState>): Document {
  return [...states].map(([name, state]) => ({
    name,
    ...encodeHistory(state),
    shown_age: state.shownAge,
    redacted: state.isRedacted,
  }));
}

function decode(stored: Document, watermarks: ReadonlyMap<string, number>): Map<string, SlowQueriesState> {
  const states = new Map<string, SlowQueriesState>();
  for (const { name, shown_age, redacted, ...fields } of storedSchema.parse(stored)) {
    const watermark = watermarks.get(name);
    if (watermark === undefined) continue;
    states.set(name, {
      ...decodeHistory(fields, watermark),
      shownAge: shown_age,
      isRedacted: redacted,
    });
  }
  return states;
}

export const slowQueriesCodec: StateCodec<SlowQueriesState> = {
  // Version 1 had no passes.
  stateVersion: 2,
  encode,
  decode,
  sizeBound: (state) => historySize(state) + OWN_BYTES,
};
