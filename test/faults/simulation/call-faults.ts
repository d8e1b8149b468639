/** The outcome of one call from the code under test to the outside. */
export type CallOutcome =
  /** The call takes effect and is answered. */
  | 'answered'
  /** The call takes effect. The connection breaks before the answer arrives. */
  | 'lost'
  /** The connection breaks before the call takes effect. */
  | 'refused'
  /** The call is throttled, without effect. */
  | 'throttled'
  /** The answer is a server error, without effect. */
  | 'failed'
  /** The call takes effect, but the answer is a server error. For Atlas, the answer is a body that is not JSON. */
  | 'failed-after'
  /** The service answers that writers conflict, without effect. For Atlas, the answer is a body of another shape. */
  | 'conflict'
  /** The connection breaks, and the request arrives at a later step. For Atlas, the body is truncated. */
  | 'late'
  /** The call takes effect now, and its answer arrives at a later step. */
  | 'slow'
  /** The clock jumps by minutes while the call waits. Leases expire and messages are delivered again. */
  | 'jump'
  /** All of Atlas's tokens expire first. */
  | 'expire-tokens'
  /** The container is killed before the call takes effect, after it, or while the request is on its way. */
  | 'crash-before'
  | 'crash-after'
  | 'crash-late';

export const CALL_FAULTS = [
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
] as const satisfies readonly CallOutcome[];

/** An outcome other than a success. */
export type CallFault = (typeof CALL_FAULTS)[number];

export type Service = 'dynamodb' | 's3' | 'sqs' | 'atlas';

/** A fault for a future call. */
export interface PlannedCallFault {
  /** The service whose calls count. Null counts all services. */
  service: Service | null;
  /** How many calls succeed before this fault. */
  skip: number;
  fault: CallFault;
  /** How many calls of the same service in a row have this fault. */
  times: number;
}

/** Assigns the planned faults to calls, in order, as the scheduler releases them. */
export class CallFaultPlan {
  readonly #planned: PlannedCallFault[];
  #skipped = 0;
  #repeat: { service: Service; fault: CallFault; left: number } | undefined;

  constructor(planned: readonly PlannedCallFault[]) {
    this.#planned = [...planned];
  }

  next(service: Service): CallOutcome {
    const repeat = this.#repeat;
    if (repeat && repeat.service === service && repeat.left > 0) {
      repeat.left -= 1;
      return repeat.fault;
    }
    const [first] = this.#planned;
    if (first === undefined || (first.service !== null && first.service !== service)) return 'answered';
    if (this.#skipped < first.skip) {
      this.#skipped += 1;
      return 'answered';
    }
    this.#planned.shift();
    this.#skipped = 0;
    this.#repeat = { service, fault: first.fault, left: first.times - 1 };
    return first.fault;
  }

  /** Lets all further calls succeed. */
  end(): void {
    this.#planned.length = 0;
    this.#repeat = undefined;
  }
}
