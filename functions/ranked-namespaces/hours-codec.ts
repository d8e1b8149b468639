import * as z from 'zod';
import type { Document } from '../../shared/cursors/document.ts';
import type { HourState } from './hours.ts';

/** Hours that wait are stored as [hour, first asked, last asked]. */
const storedSchema = z.record(
  z.string(),
  z.object({
    unavailable_on: z.string().nullable(),
    // Cursors of before it was kept are without it.
    nothing_before: z.string().nullable().default(null),
    empty: z.array(z.tuple([z.number(), z.number(), z.number()])),
  }),
);

/** Three numbers of 13 digits, which DynamoDB takes in 8 bytes each, and what surrounds them. */
const BYTES_PER_EMPTY_HOUR = 40;
const BYTES_BESIDE = 120;

export function encodeHours(states: ReadonlyMap<string, HourState>): Document {
  return Object.fromEntries(
    [...states].map(([name, { unavailableOn, nothingBefore, empty }]) => [
      name,
      {
        unavailable_on: unavailableOn,
        nothing_before: nothingBefore,
        empty: empty.map(({ hour, firstAsked, lastAsked }) => [hour, firstAsked, lastAsked]),
      },
    ]),
  );
}

export function decodeHours(stored: Document, marks: ReadonlyMap<string, number>): Map<string, HourState> {
  const states = new Map<string, HourState>();
  for (const [name, known] of Object.entries(storedSchema.parse(stored))) {
    const { unavailable_on: unavailableOn, nothing_before: nothingBefore, empty } = known;
    const mark = marks.get(name);
    if (mark === undefined) continue;
    states.set(name, {
      mark,
      empty: empty.map(([hour, firstAsked, lastAsked]) => ({ hour, firstAsked, lastAsked })),
      unavailableOn,
      nothingBefore,
      idle: unavailableOn !== null,
    });
  }
  return states;
}

/** The most bytes that a state can take when stored. */
export function hoursSizeBound({ empty }: HourState): number {
  return BYTES_BESIDE + BYTES_PER_EMPTY_HOUR * empty.length;
}
