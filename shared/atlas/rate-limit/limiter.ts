import type { Clock } from '../../clock.ts';
import { assertBeforeDeadline, type CallContext, deadlineError } from '../call-context.ts';
import { type AtlasError, AtlasThrottledError } from '../errors.ts';
import { TokenBucket } from './bucket.ts';
import type { RateLimitReport } from './headers.ts';
import type { Bucket } from './sets.ts';

/** Maximum milliseconds that a request waits for its bucket: "a run never sleeps long". */
const MAX_WAIT = 10_000;

/** A request that waits to be sent. */
export interface Admission {
  readonly bucket: Bucket;
  readonly context: CallContext;
  readonly operation: string;
  /** Requests already spent on the operation, and how the last one ended. */
  readonly attempts: number;
  readonly previous: AtlasError | undefined;
}

/** Permission to send one request now. */
export interface Permit {
  /** Call once, when the request has ended; with `undefined` if it had no response. */
  release(report: RateLimitReport | undefined): void;
}

interface Waiter {
  readonly admission: Admission;
  readonly order: number;
  held: boolean;
  readonly admit: (permit: Permit) => void;
  readonly refuse: (error: AtlasError) => void;
}

interface Line {
  readonly bucket: TokenBucket;
  readonly waiters: Waiter[];
}

/**
 * Decides when a request may be sent. Each bucket serves requests in order, and the total in flight is at most the
 * number of connections, so that no request waits in the transport while its bucket closes.
 */
export class RateLimiter {
  readonly #lines = new Map<string, Line>();
  readonly #clock: Clock;
  readonly #reserve: number;
  readonly #maxInFlight: number;
  #inFlight = 0;
  #nextOrder = 0;
  #alarm: { at: number; controller: AbortController } | undefined;

  constructor(options: { clock: Clock; reserve: number; maxInFlight: number }) {
    this.#clock = options.clock;
    this.#reserve = options.reserve;
    this.#maxInFlight = options.maxInFlight;
  }

  /**
   * Waits for the request's turn.
   *
   * @throws AtlasThrottledError immediately, when the bucket would delay it by more than ten seconds or past the
   *   deadline
   * @throws AtlasDeadlineError
   */
  async acquire(admission: Admission): Promise<Permit> {
    const { context } = admission;
    assertBeforeDeadline(context, this.#clock, errorContextOf(admission));
    const { promise, resolve, reject } = Promise.withResolvers<Permit>();
    const { waiters } = this.#line(admission.bucket);
    const waiter: Waiter = {
      admission,
      order: this.#nextOrder++,
      held: false,
      admit: resolve,
      refuse: reject,
    };
    waiters.push(waiter);
    const onAbort = () => {
      const place = waiters.indexOf(waiter);
      if (place !== -1) waiters.splice(place, 1);
      reject(deadlineError(errorContextOf(admission)));
      this.#advance();
    };
    context.signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#advance();
      return await promise;
    } finally {
      context.signal.removeEventListener('abort', onAbort);
    }
  }

  #line(bucket: Bucket): Line {
    let line = this.#lines.get(bucket.key);
    if (line === undefined) {
      line = { bucket: new TokenBucket(bucket, this.#reserve, this.#clock.now()), waiters: [] };
      this.#lines.set(bucket.key, line);
    }
    return line;
  }

  /** Admits what can go now, and sets the alarm for the next. */
  #advance(): void {
    const now = this.#clock.now();
    for (const line of this.#lines.values()) this.#refuseLongWaits(line, now);
    while (this.#inFlight < this.#maxInFlight) {
      const line = this.#nextLine(now);
      const waiter = line?.waiters.shift();
      if (line === undefined || waiter === undefined) break;
      waiter.admit(this.#permit(line, now));
    }
    this.#setAlarm(now);
  }

  #refuseLongWaits(line: Line, now: number): void {
    for (let index = 0; index < line.waiters.length; ) {
      const waiter = line.waiters[index];
      if (waiter === undefined) return;
      const wait = line.bucket.waitFor(index + 1, now);
      const { admission } = waiter;
      if (wait > 0 && !waiter.held) {
        waiter.held = true;
        admission.context.traffic.throttled += 1;
      }
      if (wait > MAX_WAIT || now + wait > admission.context.deadline) {
        line.waiters.splice(index, 1);
        waiter.refuse(new AtlasThrottledError(admission.bucket.key, now + wait, errorContextOf(admission)));
      } else {
        index += 1;
      }
    }
  }

  /** Returns the line whose first request has waited longest, among those whose first request may go. */
  #nextLine(now: number): Line | undefined {
    let next: Line | undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const line of this.#lines.values()) {
      const order = line.waiters[0]?.order ?? Number.POSITIVE_INFINITY;
      if (order < oldest && line.bucket.waitForFirst(now) <= 0) {
        next = line;
        oldest = order;
      }
    }
    return next;
  }

  #permit(line: Line, now: number): Permit {
    const sent = line.bucket.send(now);
    this.#inFlight += 1;
    return {
      release: (report) => {
        this.#inFlight -= 1;
        line.bucket.end(sent, report, this.#clock.now());
        this.#advance();
      },
    };
  }

  /** Sleeps until the first line can move on. A response that changes this moves the alarm. */
  #setAlarm(now: number): void {
    let wait = Number.POSITIVE_INFINITY;
    for (const line of this.#lines.values()) {
      if (line.waiters.length > 0) wait = Math.min(wait, line.bucket.waitForFirst(now));
    }
    // No request waits, or only for a connection. The request that releases the connection moves the line on.
    const at = wait > 0 && wait < Number.POSITIVE_INFINITY ? now + wait : undefined;
    if (at === this.#alarm?.at) return;
    this.#alarm?.controller.abort();
    this.#alarm = undefined;
    if (at === undefined) return;
    const alarm = { at, controller: new AbortController() };
    this.#alarm = alarm;
    this.#clock.sleep(wait, alarm.controller.signal).then(
      () => {
        if (this.#alarm !== alarm) return;
        this.#alarm = undefined;
        this.#advance();
      },
      // Only a replaced alarm is aborted.
      () => undefined,
    );
  }
}

function errorContextOf(admission: Admission): { operation: string; attempts: number; cause: unknown } {
  return { operation: admission.operation, attempts: admission.attempts, cause: admission.previous };
}
