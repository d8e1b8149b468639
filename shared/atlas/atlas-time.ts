import type { Clock } from '../clock.ts';
import type { HttpResponse } from './transport.ts';

/** A `Date` header names a second. */
const RESOLUTION = 1_000;

/** Milliseconds after which what an answer said is asked again: a machine's clock may be set in the meantime. */
const FRESH = 10 * 60_000;

/** No Atlas shows an earlier date, 2020-01-01: a server that sends one has no clock. */
const EARLIEST = Date.UTC(2020, 0, 1);

/** By how many ms Atlas's clock is ahead of ours: at least and at most, as one answer shows it. */
interface Lead {
  least: number;
  most: number;
}

/**
 * Estimates Atlas's clock from the `Date` headers of its answers. Each answer gives a span for the difference between
 * both clocks; spans that overlap make it narrower.
 */
export class AtlasTime {
  readonly #clock: Clock;
  #lead: Lead | undefined;
  /** When an answer last confirmed it, by our clock. */
  #notedAt = 0;
  /** The last answer came from an earlier time than those before: a cache's, or ours was set forward. */
  #doubted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes in an answer to a request that was sent at `sentAt`, by our clock. */
  note({ status, headers }: HttpResponse, sentAt: number): void {
    // Gateways in front of Atlas answer with these, by clocks of their own.
    if (status >= 500) return;
    const date = dateOf(headers);
    if (date === undefined) return;
    const now = this.#clock.now();
    const lead = { least: date - now, most: date + RESOLUTION - Math.min(sentAt, now) };
    const known = this.isFresh ? this.#lead : undefined;
    const isEarlier = known !== undefined && lead.most < known.least;
    // One answer alone may be a cache's without an `Age`.
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

  /** Whether an answer of the last minutes has said what time it is. */
  get isFresh(): boolean {
    const age = this.#clock.now() - this.#notedAt;
    return this.#lead !== undefined && age >= 0 && age <= FRESH;
  }

  /** The latest time that Atlas's clock can show now; undefined while no answer has said it. */
  get latest(): number | undefined {
    return this.#lead && this.#clock.now() + this.#lead.most;
  }

  /** Our clock's time, unless Atlas's is not as far. */
  now(): number {
    return Math.min(this.#clock.now(), this.latest ?? Number.POSITIVE_INFINITY);
  }
}

/** The time at which an answer was made; `Age` counts the seconds that a cache has kept it since. */
function dateOf(headers: HttpResponse['headers']): number | undefined {
  const { date, age } = headers;
  const instant = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(instant) || instant < EARLIEST) return undefined;
  return instant + (typeof age === 'string' && /^\d{1,9}$/.test(age) ? Number(age) * 1_000 : 0);
}
