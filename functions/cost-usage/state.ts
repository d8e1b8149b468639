import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import { SELF, type StateCodec, type TargetState } from '../../shared/engine/dataset.ts';
import type { Availability } from '../../shared/sources/availability.ts';
import type { OpenMonths } from './months.ts';

/** What is known of the costs of an organisation, project or cluster. */
export interface CostState extends TargetState, Availability, OpenMonths {
  /** The number of the last response that changed an amount. */
  revision: number;
}

/** Version 1 stored each state under a key of a map, the organisation's under an empty key. */
export const COSTS_VERSION = 2;

const stateFields = {
  from: z.number(),
  unavailable_on: z.string().nullable(),
  amounts: z.record(z.string(), z.number()),
};
const storedSchema = z.array(
  z.strictObject({ name: z.string(), ...stateFields, revision: z.int().nonnegative().default(0) }),
);
const firstSchema = z.record(z.string(), z.strictObject(stateFields));

/** The stored size of an amount without its key: a DynamoDB number and the bytes around key and number. */
const AMOUNT_BYTES = 30;
const STATE_BYTES = 120;

export function encodeCosts(states: ReadonlyMap<string, CostState>): Document {
  return [...states].map(([name, { from, unavailableOn, amounts, revision }]) => ({
    name,
    from,
    unavailable_on: unavailableOn,
    amounts: Object.fromEntries(amounts),
    revision,
  }));
}

export function decodeCosts(
  stored: Document,
  watermarks: ReadonlyMap<string, number>,
  version: number,
): Map<string, CostState> {
  return new Map(
    readStates(stored, version).map(({ name, from, unavailable_on, amounts, revision }) => [
      name,
      {
        watermark: watermarks.get(name) ?? 0,
        from,
        unavailableOn: unavailable_on,
        amounts: new Map(Object.entries(amounts)),
        revision,
        idle: unavailable_on !== null,
      },
    ]),
  );
}

function readStates(stored: Document, version: number): z.infer<typeof storedSchema> {
  if (version > 1) return storedSchema.parse(stored);
  return Object.entries(firstSchema.parse(stored)).map(([name, state]) => ({
    name: name || SELF,
    ...state,
    revision: 0,
  }));
}

/** Returns the maximum stored size of a state in bytes. */
export function costsSize({ amounts }: CostState): number {
  return [...amounts.keys()].reduce((sum, key) => sum + 3 * key.length + AMOUNT_BYTES, STATE_BYTES);
}

export const costsCodec: StateCodec<CostState> = {
  stateVersion: COSTS_VERSION,
  encode: encodeCosts,
  decode: decodeCosts,
  sizeBound: costsSize,
};
