import type { Clock } from '../clock.ts';
import type { Traffic } from './api.ts';
import { AtlasDeadlineError, type ErrorContext } from './errors.ts';

/** On whose account something is sent, and until when. */
export interface CallContext {
  /** The session's operation that all of this is for, a request for a token included. */
  readonly operation: string;
  /** The clock's time, in milliseconds, after which nothing is sent or waited for. */
  readonly deadline: number;
  readonly traffic: Traffic;
  /** Fires at the deadline. */
  readonly signal: AbortSignal;
}

/** setTimeout counts in 32 bits, and takes anything longer for 1 ms. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Runs an operation with a signal that fires when the session's deadline comes.
 *
 * The signal follows the machine's timer, not the clock's `sleep`: what it cuts off is input and output, which take
 * their time on the machine whatever the clock of a simulation says.
 */
export async function withDeadline<T>(
  session: { deadline: number; traffic: Traffic },
  operation: string,
  clock: Clock,
  action: (scope: CallContext) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const remaining = Math.max(0, session.deadline - clock.now());
  const timer = setTimeout(() => controller.abort(), Math.min(remaining, MAX_TIMER));
  try {
    const { deadline, traffic } = session;
    return await action({ operation, deadline, traffic, signal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** @throws AtlasDeadlineError when the deadline has come */
export function assertBeforeDeadline(scope: CallContext, clock: Clock, errorContext: ErrorContext): void {
  if (scope.signal.aborted || clock.now() >= scope.deadline) throw deadlineError(errorContext);
}

export function deadlineError(errorContext: ErrorContext): AtlasDeadlineError {
  return new AtlasDeadlineError('the deadline came before an answer', errorContext);
}

/** Waits for what others share, but not past one's own deadline; the shared work goes on. */
export async function waitInContext<T>(shared: Promise<T>, scope: CallContext): Promise<T> {
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(deadlineError({ operation: scope.operation, attempts: 0 }));
  scope.signal.addEventListener('abort', onAbort, { once: true });
  if (scope.signal.aborted) onAbort();
  try {
    return await Promise.race([shared, cut]);
  } finally {
    scope.signal.removeEventListener('abort', onAbort);
  }
}
