import type { Clock } from '../clock.ts';
import { MINUTE } from '../durations.ts';
import type { HttpResponse } from './transport.ts';

/** A `Date` header names a second. */
const RESOLUTION = 1_000;

/** Milliseconds after which the estimate is stale. The machine's clock may be set in the meantime. */
const FRESH = 10 * MINUTE;

/** 2020-01-01. Atlas cannot show an earlier date: a server that sends one has no clock. */
const EARLIEST = Date.UTC(2020, 0, 1);

/** How many milliseconds Atlas's clock is ahead of ours: the bounds that one response gives. */
interface Lead {
  least: number;
  most: number;
}

/**
 * Estimates Atlas's clock from the `Date` headers of its responses. Each response gives bounds for the difference
 * between the clocks, and overlapping bounds narrow the estimate.
 */
export class AtlasTime {
  readonly #clock: Clock;
  #lead: Lead | undefined;
  /** When a response last confirmed the estimate, by our clock. */
  #notedAt = 0;
  /** The last response showed an earlier time than those before: it came from a cache, or our clock was set forward. */
  #doubted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Updates the estimate from the response to a request that was sent at `sentAt`, by our clock. */
  note({ status, headers }: HttpResponse, sentAt: number): void {
    // Gateways in front of Atlas send these, and use their own clocks.
    if (status >= 500) return;
    const date = dateOf(headers);
    if (date === undefined) return;
    const now = this.#clock.now();
    const lead = { least: date - now, most: date + RESOLUTION - Math.min(sentAt, now) };
    const known = this.isFresh ? this.#lead : undefined;
    const isEarlier = known !== undefined && lead.most < known.least;
    // A single response may come from a cache that sends no `Age`.
    if (isEarlier && !this.#doubted) {
      this.#doubted = true;
      return;
    }
    this.#doubted = false;
    this.#notedAt = now;
    const overlaps = known !== undefined && !isEarlier && lead.least <= known.most;
    this.#lead = overlaps
      ? { least: Math.max(known.least, lead.least), most: Math.min(known.most, lead.most) }
      : lead;
  }

  /** Whether a response within the last ten minutes showed Atlas's time. */
  get isFresh(): boolean {
    const age = this.#clock.now() - this.#notedAt;
    return this.#lead !== undefined && age >= 0 && age <= FRESH;
  }

  /** The latest time that Atlas's clock can show now; undefined until a response has shown it. */
  get latest(): number | undefined {
    return this.#lead && this.#clock.now() + this.#lead.most;
  }

  /** Returns our clock's time, or Atlas's if that is earlier. */
  now(): number {
    return Math.min(this.#clock.now(), this.latest ?? Number.POSITIVE_INFINITY);
  }
}

/** Returns when Atlas created the response. `Age` counts the seconds that a cache has kept it since. */
function dateOf(headers: HttpResponse['headers']): number | undefined {
  const { date, age } = headers;
  const instant = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(instant) || instant < EARLIEST) return undefined;
  return instant + (typeof age === 'string' && /^\d{1,9}$/.test(age) ? Number(age) * 1_000 : 0);
}
