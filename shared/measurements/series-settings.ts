import * as z from 'zod';
import { backfill, settle } from '../engine/settings.ts';
import { FINE_GRANULARITIES, type FineGranularity } from './granularity.ts';

/** Returns the schema of the settings that every dataset of measurement series has, with the given defaults. */
export function seriesSettings(defaults: SeriesSettings) {
  return z.strictObject({
    settle: settle.default(defaults.settle),
    backfill: backfill.default(defaults.backfill),
    /** The granularity that is collected while Atlas has it. */
    granularity: z.enum(FINE_GRANULARITIES).default(defaults.granularity),
  });
}

export type SeriesSettings = {
  readonly settle: number;
  readonly backfill: number;
  readonly granularity: FineGranularity;
};
