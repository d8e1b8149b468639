import type { Clock } from '../clock.ts';
import type { Traffic } from './api.ts';
import { AtlasDeadlineError, type ErrorContext } from './errors.ts';

/** What all requests of a session share. */
export interface SessionContext {
  /** The clock's time in milliseconds, after which the client neither sends nor waits. */
  readonly deadline: number;
  readonly traffic: Traffic;
  /** Until when the rate limit allows the session no request of a bucket, by its key; the clock's time in ms. */
  readonly exhausted: Map<string, number>;
}

/** The operation and session that a request belongs to, and its deadline. */
export interface CallContext extends SessionContext {
  /** The session's operation that causes the request, including a token request. */
  readonly operation: string;
  /** Fires at the deadline. */
  readonly signal: AbortSignal;
}

/** setTimeout takes a signed 32-bit number of milliseconds, and runs anything longer after 1 ms. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Runs an operation with a signal that fires at the session's deadline.
 *
 * The signal follows the machine's timer and not the clock's `sleep`, because it interrupts I/O, which takes real time
 * in a simulation, too.
 */
export async function withDeadline<T>(
  session: SessionContext,
  operation: string,
  clock: Clock,
  action: (context: CallContext) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const remaining = Math.max(0, session.deadline - clock.now());
  const timer = setTimeout(() => controller.abort(), Math.min(remaining, MAX_TIMER));
  try {
    const { deadline, traffic, exhausted } = session;
    return await action({ operation, deadline, traffic, exhausted, signal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Checks that there is time left.
 *
 * @throws AtlasDeadlineError after the deadline
 */
export function assertBeforeDeadline(context: CallContext, clock: Clock, errorContext: ErrorContext): void {
  if (context.signal.aborted || clock.now() >= context.deadline) throw deadlineError(errorContext);
}

export function deadlineError(errorContext: ErrorContext): AtlasDeadlineError {
  return new AtlasDeadlineError('the deadline passed before a response arrived', errorContext);
}

/** Waits for shared work, but not past the caller's deadline. The shared work goes on. */
export async function waitInContext<T>(shared: Promise<T>, context: CallContext): Promise<T> {
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(deadlineError({ operation: context.operation, attempts: 0 }));
  context.signal.addEventListener('abort', onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  try {
    return await Promise.race([shared, cut]);
  } finally {
    context.signal.removeEventListener('abort', onAbort);
  }
}
