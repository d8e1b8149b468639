import type * as z from 'zod';
import { DAY } from '../durations.ts';
import { duration } from '../iso-duration.ts';

/** The settings of a dataset, as its collector gets them: parsed, with defaults. All durations in ms. */
export interface DatasetSettings {
  /** How long after its time a value counts as settled; the alarm for lag allows for it. */
  readonly settle?: number;
  readonly [setting: string]: unknown;
}

/** The schema of a dataset's settings. It is strict, and each setting has a default. */
export type SettingsSchema<Settings extends DatasetSettings> = z.ZodObject<z.ZodRawShape, z.core.$strict> &
  z.ZodType<Settings>;

/** How long after its time a value counts as settled. Values that change later are not promised. */
export const settle = duration.refine((settle) => settle <= DAY, 'expected at most P1D');

/** Ten years: Atlas has had metrics since 2016. A time beyond what a date can hold would end every run. */
const MAX_BACKFILL = 3650 * DAY;

/** How far back the first run of a target goes. */
export const backfill = duration.refine(
  (backfill) => backfill <= MAX_BACKFILL,
  `expected at most P${MAX_BACKFILL / DAY}D`,
);
