import { HOUR } from '../durations.ts';
import { duration } from '../iso-duration.ts';

/** How far before its watermark a run reads again, to find late entries; whole seconds. */
export const overlap = duration.refine((lookbackMs) => lookbackMs <= HOUR, 'expected at most PT1H');
