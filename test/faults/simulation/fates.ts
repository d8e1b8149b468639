/** What becomes of one call to the world outside of the code under test. */
export type Fate =
  /** It takes effect and is answered. */
  | 'answered'
  /** It takes effect; the connection breaks before the answer is there. */
  | 'lost'
  /** The connection breaks before it takes effect. */
  | 'refused'
  /** Throttled, without effect. */
  | 'throttled'
  /** Answered with a server error, without effect. */
  | 'failed'
  /** Takes effect, and is answered with a server error. Of Atlas: a body that is not JSON. */
  | 'failed-after'
  /** The service's own answer to a conflict of writers, without effect. Of Atlas: a body of another shape. */
  | 'conflict'
  /** The connection breaks, and the request arrives at some later step. Of Atlas: a body that is cut short. */
  | 'late'
  /** It takes effect now, and its answer comes at some later step. */
  | 'slow'
  /** The clock jumps by minutes while it waits: leases run out, messages come back. */
  | 'jump'
  /** All of Atlas's tokens expire first. */
  | 'expire-tokens'
  /** The container is killed before it takes effect, after it, or while the request is under way. */
  | 'crash-before'
  | 'crash-after'
  | 'crash-late';

export const FATES = [
  'lost',
  'refused',
  'throttled',
  'failed',
  'failed-after',
  'conflict',
  'late',
  'slow',
  'jump',
  'expire-tokens',
  'crash-before',
  'crash-after',
  'crash-late',
] as const satisfies readonly Fate[];

export type Service = 'dynamodb' | 's3' | 'sqs' | 'atlas';

/** A fate for a call that is to come. */
export interface PlannedFate {
  /** Whose calls are counted; null for all. */
  service: Service | null;
  /** How many of them go well before it. */
  skip: number;
  fate: (typeof FATES)[number];
  /** How many calls of the same service in a row meet it. */
  times: number;
}

/** Hands out the planned fates as calls are let go on, one after the other. */
export class FatePlan {
  readonly #planned: PlannedFate[];
  #skipped = 0;
  #repeat: { service: Service; fate: Fate; left: number } | undefined;

  constructor(planned: readonly PlannedFate[]) {
    this.#planned = [...planned];
  }

  next(service: Service): Fate {
    const repeat = this.#repeat;
    if (repeat && repeat.service === service && repeat.left > 0) {
      repeat.left -= 1;
      return repeat.fate;
    }
    const [first] = this.#planned;
    if (first === undefined || (first.service !== null && first.service !== service)) return 'answered';
    if (this.#skipped < first.skip) {
      this.#skipped += 1;
      return 'answered';
    }
    this.#planned.shift();
    this.#skipped = 0;
    this.#repeat = { service, fate: first.fate, left: first.times - 1 };
    return first.fate;
  }

  /** From now on all goes well. */
  end(): void {
    this.#planned.length = 0;
    this.#repeat = undefined;
  }
}
