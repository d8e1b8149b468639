import { MINUTE } from '../../../shared/durations.ts';
import type { Fate, FatePlan, Service } from './fates.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** A caller, and whether it is still alive. */
export interface Life {
  readonly name: string;
  readonly alive: boolean;
}

/** A call from the code under test to the outside, as its service sees it. */
export interface Call<Answer> {
  caller: Life;
  service: Service;
  /** The text in the trace. */
  label: string;
  /** Lets the call take effect and returns the answer. Conditions are evaluated at this moment. */
  take(): Answer;
  /** Returns the answer to a call with this fate. */
  refuse(fate: 'throttled' | 'failed' | 'conflict'): Answer;
  /** Returns the answer of a call that took effect but seems to have failed. */
  spoil(answer: Answer): Answer;
  /** Returns an answer of which only the beginning arrives. Without this method, the connection breaks. */
  cut?(answer: Answer): Answer;
  /** Whether the request changes something, even if it arrives after its connection broke. */
  lasting: boolean;
}

/** Fates without an answer to the caller. */
type Unanswered = 'jump' | 'crash-before' | 'crash-after' | 'crash-late';

interface Parked {
  caller: Life;
  service: Service;
  label: string;
  release(fate: Exclude<Fate, Unanswered>): void;
  /** The effect of the call if it arrives after its container's death. */
  effect: (() => void) | undefined;
}

interface Sleeper {
  caller: Life;
  until: number;
  wake(): void;
}

/** The longest call by the clock, and the range of the jump for the fate `jump`. In ms. */
const LONGEST_CALL = 300;
const SHORTEST_JUMP = MINUTE;
const LONGEST_JUMP = 11 * MINUTE;

/** The exclusive maximum of steps after which an abandoned request arrives. */
const SOON = 8;
const LONG = 150;

/** After this many turns of the event loop without a new call, all code under test is waiting. */
const CALM_TURNS = 3;

export interface SchedulerTools {
  random: Random;
  fates: FatePlan;
  trace: Trace;
  now(): number;
  advance(milliseconds: number): void;
  kill(caller: Life, why: string): void;
  expireTokens(): void;
}

/**
 * Holds every call to the outside until it picks the call, decides its fate and releases it. Between two picks the code
 * under test runs until it only waits for calls. So the scheduler decides the order of everything visible from outside.
 */
export class Scheduler {
  readonly #tools: SchedulerTools;
  #parked: Parked[] = [];
  #sleepers: Sleeper[] = [];
  /** Requests that are still on their way after their caller stopped waiting. */
  #late: Array<{ service: Service; label: string; effect: () => void; step: number }> = [];
  /** Increases whenever the code under test does something visible from outside. */
  #activity = 0;
  /** The number of released calls. */
  #steps = 0;

  constructor(tools: SchedulerTools) {
    this.#tools = tools;
  }

  /** Waits for the scheduler and then for the answer. Calls of a dead container never end. */
  call<Answer>(call: Call<Answer>): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { caller } = call;
    if (!caller.alive) return promise;
    const answer = (value: Answer) => caller.alive && resolve(value);
    const park = (label: string, take: () => Answer, lasting: boolean) =>
      this.#park({
        caller,
        service: call.service,
        label,
        effect: lasting ? take : undefined,
        release: (fate) => {
          switch (fate) {
            case 'answered':
            case 'expire-tokens':
              answer(take());
              return;
            case 'lost':
              take();
              reject(connectionLost());
              return;
            case 'refused':
              reject(connectionLost());
              return;
            case 'throttled':
            case 'failed':
            case 'conflict':
              answer(call.refuse(fate));
              return;
            case 'failed-after':
              answer(call.spoil(take()));
              return;
            case 'late':
              if (lasting) this.#postpone(call.service, label, take);
              if (call.cut) answer(call.cut(take()));
              else reject(connectionLost());
              return;
            case 'slow': {
              const taken = take();
              park(`${label} (answer)`, () => taken, false);
              return;
            }
          }
        },
      });
    park(call.label, call.take, call.lasting);
    return promise;
  }

  /** Waits until the clock reaches a time or the signal fires. */
  sleep(caller: Life, until: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (!caller.alive) return promise;
    this.#activity += 1;
    const sleeper = { caller, until, wake: resolve };
    this.#sleepers.push(sleeper);
    signal?.addEventListener('abort', () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      reject(signal.reason);
    });
    return promise;
  }

  /** Notes an event that may lead to new calls. */
  noteActivity(): void {
    this.#activity += 1;
  }

  /** Lets the code under test run until it only waits for the scheduler. */
  async calm(): Promise<void> {
    for (let turns = 0; turns < CALM_TURNS; turns += 1) {
      const before = this.#activity;
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#activity !== before) turns = -1;
    }
  }

  /** Returns the number of released calls. */
  get calls(): number {
    return this.#steps;
  }

  get waiting(): number {
    return this.#parked.length;
  }

  /** Returns when the first sleeper wakes, or undefined if there is none. */
  get nextWaking(): number | undefined {
    return this.#sleepers.length === 0 ? undefined : Math.min(...this.#sleepers.map(({ until }) => until));
  }

  /** Wakes the sleepers that are due. Returns whether there were any. */
  wake(): boolean {
    const { now } = this.#tools;
    const due = this.#sleepers.filter(({ until }) => until <= now());
    this.#sleepers = this.#sleepers.filter(({ until }) => until > now());
    for (const { wake } of due) wake();
    this.#activity += due.length;
    return due.length > 0;
  }

  /** Picks one of the waiting calls and applies its fate. */
  step(): void {
    const { random, fates, trace, advance, now, kill, expireTokens } = this.#tools;
    advance(random.below(LONGEST_CALL));
    const index = random.below(this.#parked.length);
    const parked = this.#parked[index];
    if (parked === undefined) throw new RangeError('no call waits');
    const fate = fates.next(parked.service);
    const { caller, label } = parked;
    trace.add(now(), `${caller.name} ${label}${fate === 'answered' ? '' : `: ${fate}`}`);
    this.#steps += 1;
    if (fate === 'jump') {
      advance(SHORTEST_JUMP + random.below(LONGEST_JUMP - SHORTEST_JUMP));
      return;
    }
    if (fate === 'crash-before' || fate === 'crash-after' || fate === 'crash-late') {
      if (fate === 'crash-after') parked.effect?.();
      if (fate !== 'crash-late') this.#parked.splice(index, 1);
      kill(caller, fate);
      return;
    }
    if (fate === 'expire-tokens') expireTokens();
    this.#parked.splice(index, 1);
    this.#activity += 1;
    parked.release(fate);
  }

  /** Lets the late requests that are due arrive. Returns whether there were any. */
  land(): boolean {
    const due = this.#late.filter(({ step }) => step <= this.#steps);
    this.#late = this.#late.filter(({ step }) => step > this.#steps);
    this.#arrive(due);
    return due.length > 0;
  }

  /** Lets all requests on their way arrive. */
  landAll(): void {
    this.#arrive(this.#late.splice(0));
  }

  /** Drops the calls of a dead caller. Its requests are lost or arrive later. */
  bury(caller: Life): void {
    for (const { service, label, effect } of this.#parked.filter((parked) => parked.caller === caller)) {
      if (effect && this.#tools.random.chance(0.5)) this.#postpone(service, label, effect);
    }
    this.#parked = this.#parked.filter((parked) => parked.caller !== caller);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.caller !== caller);
  }

  /** Drops all requests on their way to a service that has been replaced. */
  forget(service: Service): void {
    this.#late = this.#late.filter((request) => request.service !== service);
  }

  /** Lets a request arrive soon, or long after its caller's death. */
  #postpone(service: Service, label: string, effect: () => void): void {
    const { random } = this.#tools;
    const steps = random.below(random.chance(0.5) ? SOON : LONG);
    this.#late.push({ service, label, effect, step: this.#steps + steps });
  }

  #arrive(requests: readonly { label: string; effect: () => void }[]): void {
    const { trace, now } = this.#tools;
    for (const { label, effect } of requests) {
      trace.add(now(), `late: ${label}`);
      effect();
    }
  }

  #park(parked: Parked): void {
    this.#activity += 1;
    this.#parked.push(parked);
  }
}

/** Returns an error that the SDK and undici treat as retryable. */
function connectionLost(): Error {
  return Object.assign(new Error('the connection was lost'), { name: 'Error', code: 'ECONNRESET' });
}
