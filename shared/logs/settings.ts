import * as z from 'zod';
import { DAY, MINUTE } from '../durations.ts';
import { backfill, settle } from '../engine/settings.ts';
import { overlap } from '../histories/settings.ts';

/** Atlas keeps logs for 30 days (its documentation of logs). */
export const RETENTION = 30 * DAY;

/** 1 GiB: about 35 lines a second. */
const DEFAULT_MAX_BYTES = 2 ** 30;

const WHOLE_BYTES = 'expected a whole number of bytes, at least 1';

/** The settings of a dataset of logs. */
export const logSettings = z.strictObject({
  // Atlas stores logs in chunks of about five minutes (the reference of the endpoint). A line at the start of a chunk
  // appears when the chunk has ended and is stored. This allows for a chunk of twice the length.
  settle: settle.default(10 * MINUTE),
  backfill: backfill.default(DAY),
  // One chunk more, so that each line is read a second time by the next tick.
  overlap: overlap.default(5 * MINUTE),
  /** The maximum bytes of uncompressed lines of one log of a host and UTC day. */
  maxBytesPerDay: z.int(WHOLE_BYTES).min(1, WHOLE_BYTES).default(DEFAULT_MAX_BYTES),
});

export type LogSettings = z.infer<typeof logSettings>;
