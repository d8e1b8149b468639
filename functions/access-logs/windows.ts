import { DAY } from '../../shared/durations.ts';

/** Atlas keeps access logs for 7 days (its documentation of the access history). */
export const RETENTION = 7 * DAY;

/** The maximum span of a request: a day of a quiet host. */
export const MAX_SPAN = DAY;
