import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Availability } from '../../shared/collection/availability.ts';
import type { TargetState } from '../../shared/collection/dataset.ts';
import type { Document } from '../../shared/cursors/document.ts';
import type { Knowledge, Known } from './changes.ts';

/** What is known of one list of resources. */
export interface InventoryState extends TargetState, Availability, Knowledge {
  /** The most bytes that it takes when stored. */
  size: number;
}

/** A state is stored whole, and what stores it takes 350 KB at a time. */
const LARGEST_STATE = 300_000;

/** gzip's own bytes, should nothing get smaller; and the keys around a state. */
const OVERHEAD = 200;

/** Characters of one field's hash, and what stands for a field that a resource does not have. */
const HASH_LENGTH = 4;
const ABSENT = '----';

/** The names of all fields come first; each resource then has their hashes in one text, in the same order. */
const storedSchema = z.object({
  snapshot_at: z.number().nullable(),
  unavailable_on: z.string().nullable(),
  fields: z.array(z.string()),
  resources: z.array(
    z.tuple([z.string(), z.string().nullable(), z.string(), z.string(), z.number().nullable()]),
  ),
});

const ownerSchema = z.record(z.string(), z.instanceof(Uint8Array));

/**
 * A state with its size known. Where the fields' hashes are more than there is room for, they are left out: changes are
 * still found, and their rows do not say in which field.
 *
 * @returns null when even then there is no room
 */
export function fitted(state: Omit<InventoryState, 'size' | 'idle'>): InventoryState | null {
  const idle = state.unavailableOn !== null;
  const whole = { ...state, idle, size: sizeOf(state) };
  if (whole.size <= LARGEST_STATE) return whole;
  const resources = new Map<string, Known>();
  for (const [id, known] of state.resources) resources.set(id, { ...known, fields: new Map() });
  const size = sizeOf({ ...state, resources });
  return size <= LARGEST_STATE ? { ...whole, resources, size } : null;
}

/** The states of one owner, as they are stored: one compressed text for each list. */
export function encodeStates(states: ReadonlyMap<string, InventoryState>): Document {
  const encoded: Record<string, Uint8Array> = {};
  for (const [name, state] of states) encoded[name] = gzipSync(textOf(state));
  return encoded;
}

export function decodeStates(
  stored: Document,
  marks: ReadonlyMap<string, number>,
): Map<string, InventoryState> {
  const states = new Map<string, InventoryState>();
  for (const [name, bytes] of Object.entries(ownerSchema.parse(stored))) {
    const text = gunzipSync(bytes).toString('utf8');
    states.set(name, parseState(text, marks.get(name) ?? 0));
  }
  return states;
}

function parseState(text: string, mark: number): InventoryState {
  const stored = storedSchema.parse(JSON.parse(text));
  const resources = new Map<string, Known>();
  for (const [id, name, hash, hashes, missingSince] of stored.resources) {
    const fields = new Map<string, string>();
    for (const [index, field] of stored.fields.entries()) {
      const own = hashes.slice(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
      if (own !== '' && own !== ABSENT) fields.set(field, own);
    }
    resources.set(id, { name, hash, fields, missingSince });
  }
  return {
    mark,
    idle: stored.unavailable_on !== null,
    unavailableOn: stored.unavailable_on,
    snapshotAt: stored.snapshot_at,
    resources,
    size: Buffer.byteLength(text) + OVERHEAD,
  };
}

function sizeOf(state: Knowledge & Availability): number {
  return Buffer.byteLength(textOf(state)) + OVERHEAD;
}

function textOf({ resources, snapshotAt, unavailableOn }: Knowledge & Availability): string {
  const fields = [...new Set([...resources.values()].flatMap((known) => [...known.fields.keys()]))];
  return JSON.stringify({
    snapshot_at: snapshotAt,
    unavailable_on: unavailableOn,
    fields,
    resources: [...resources].map(([id, { name, hash, fields: hashes, missingSince }]) => [
      id,
      name,
      hash,
      fields.map((field) => hashes.get(field) ?? ABSENT).join(''),
      missingSince,
    ]),
  } satisfies z.input<typeof storedSchema>);
}
