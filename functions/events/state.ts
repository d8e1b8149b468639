import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import type { StateCodec } from '../../shared/engine/dataset.ts';
import type { Shown } from '../../shared/histories/shown-retention.ts';
import {
  decodeHistory,
  encodeHistory,
  type HistoryState,
  historyFields,
  historySize,
  newHistory,
} from '../../shared/histories/state.ts';

/** What is known of the events of a project or organisation. */
export interface EventsState extends HistoryState, Shown {}

const storedSchema = z.array(
  z.strictObject({
    name: z.string(),
    ...historyFields,
    last_event: z.number().nullable(),
    shown_age: z.number(),
  }),
);

/** The bytes of what is stored in addition to a history. */
const SHOWN_BYTES = 80;

export function newEvents(watermark: number): EventsState {
  return { ...newHistory(watermark), lastEvent: null, shownAge: 0 };
}

export function encodeEvents(states: ReadonlyMap<string, EventsState>): Document {
  return [...states].map(([name, state]) => ({
    name,
    ...encodeHistory(state),
    last_event: state.lastEvent,
    shown_age: state.shownAge,
  }));
}

export function decodeEvents(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
): Map<string, EventsState> {
  const states = new Map<string, EventsState>();
  for (const { name, last_event, shown_age, ...fields } of storedSchema.parse(stored)) {
    const watermark = watermarks.get(name);
    if (watermark === undefined) continue;
    states.set(name, { ...decodeHistory(fields, watermark), lastEvent: last_event, shownAge: shown_age });
  }
  return states;
}

export const eventsCodec: StateCodec<EventsState> = {
  // Version 1 had no passes.
  stateVersion: 2,
  encode: encodeEvents,
  decode: decodeEvents,
  sizeBound: (state) => historySize(state) + SHOWN_BYTES,
};
