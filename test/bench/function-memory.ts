import { HOUR } from '../../shared/durations.ts';
import { T } from '../support/times.ts';
import { PER_SECOND, peakOf } from './memory.ts';

const HOSTS = 10;

/** The benchmark fails if the function needs this much memory. */
const LIMIT_MEGABYTES = 256;

/** Three hours with nearly full answers. */
const BURST = { from: T - 4 * HOUR, to: T - HOUR, perSecond: PER_SECOND };

/** Measures peak memory of the access log function with ten hosts that log nearly 20,000 entries in each window. */
export async function functionMemory(): Promise<{ entries: number; megabytes: number }> {
  const megabytes = await peakOf('access_logs', {
    projects: [
      {
        name: 'p',
        clusters: [{ name: 'c', nodes: HOSTS, databases: ['a'], accessLogs: { bursts: [BURST] } }],
      },
    ],
  });
  if (megabytes >= LIMIT_MEGABYTES) throw new Error(`the function of access logs took ${megabytes} MB`);
  return { entries: (HOSTS * BURST.perSecond * (BURST.to - BURST.from)) / 1000, megabytes };
}
