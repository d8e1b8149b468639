import { LeaseLostError } from '../../cursors/lease.ts';
import { SECOND } from '../../durations.ts';
import { ObjectExistsError } from '../../lake/object-store.ts';
import type { TargetState } from '../dataset.ts';
import type { TargetFailure } from '../run-result.ts';
import { type BackfillRun, type RunTools, type RunWork, runBackfill } from './backfill-run.ts';
import { type Findings, noFindings, sum } from './findings.ts';
import type { Rereader } from './rereader.ts';
import type { Period } from './rereading.ts';
import type { Turns, Wait } from './turns.ts';

/** How often to look whether another run has released its lease. */
const LEASE_INTERVAL = 5 * SECOND;

/** How often the lease may be lost on one day. DynamoDB that does not answer looks the same. */
const MAX_LOST_LEASES = 5;

/** How many runs in sequence may get nothing done, for example because the lake took all of their time. */
const MAX_IDLE_RUNS = 3;

/** A day must not be read again. The message says why. */
export class RefusedDayError extends Error {
  override readonly name = 'RefusedDayError';
}

export interface DayContext extends RunTools {
  turns: Turns;
  /** Called when nothing happens until an instant, clock time. */
  onWait(why: Wait, until: number): void;
}

export interface DayWork<State extends TargetState> extends Omit<RunWork<State>, 'deadline' | 'rereader'> {
  day: Period;
  /** Returns what reads the day, from its start. */
  begin(): Rereader<State>;
}

/** The result of reading a day. */
export interface DayResult {
  requests: number;
  failed: readonly TargetFailure[];
  findings: Findings;
}

/**
 * Reads one day in as many runs as it takes. If another run has taken the lease, the day is read from its start, because
 * the rows that were not committed are not in the lake.
 */
export async function readDay<State extends TargetState>(
  { day, begin, ...work }: DayWork<State>,
  context: DayContext,
): Promise<DayResult> {
  const { clock, turns, signal, onWait } = context;
  const failed: TargetFailure[] = [];
  let rereader = begin();
  let [requests, losses, idle] = [0, 0, 0];
  const wait = async (why: Wait, until: number) => {
    onWait(why, until);
    await clock.sleep(Math.max(until - clock.now(), SECOND), signal);
  };
  for (;;) {
    let run: BackfillRun;
    try {
      run = await runBackfill({ ...work, rereader, deadline: await turns.next() }, context);
    } catch (error) {
      if (error instanceof RefusedDayError) {
        const loss = { target: work.subject.id, ...day, reason: error.message };
        const findings = sum(rereader.findings, { ...noFindings(), losses: [loss] });
        return { requests, failed, findings };
      }
      losses += 1;
      const isLost = error instanceof LeaseLostError || error instanceof ObjectExistsError;
      if (!isLost || losses > MAX_LOST_LEASES) throw error;
      rereader = begin();
      run = { kind: 'held', leaseUntil: Number.POSITIVE_INFINITY };
    }
    signal.throwIfAborted();
    if (run.kind === 'held') {
      turns.passed();
      await wait('lease', Math.min(run.leaseUntil, clock.now() + LEASE_INTERVAL));
      continue;
    }
    requests += run.requests;
    failed.push(...run.work.failures);
    const { findings } = rereader;
    const { remaining, resume } = run.work;
    if (remaining === 0) return { requests, failed, findings };
    if (resume.kind === 'at') await wait('rate limit', resume.time);
    idle = resume.kind === 'next-tick' ? idle + 1 : 0;
    if (idle === 0 || (failed.length === 0 && idle < MAX_IDLE_RUNS)) continue;
    const rest = { target: work.subject.id, error: new Error('Atlas answered nothing in time') };
    return { requests, failed: failed.length > 0 ? failed : [rest], findings };
  }
}
