import { MINUTE } from '../../../shared/durations.ts';
import type { CallFaultPlan, CallOutcome, Service } from './call-faults.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** A caller, and whether it is still alive. */
export interface Caller {
  readonly name: string;
  readonly alive: boolean;
}

/** A call from the code under test to the outside, as its service sees it. */
export interface Call<Answer> {
  caller: Caller;
  service: Service;
  /** The text in the trace. */
  label: string;
  /** Lets the call take effect and returns the answer. Conditions are evaluated at this moment. */
  apply(): Answer;
  /** Returns the answer to a call with this fault. */
  refuse(fault: 'throttled' | 'failed' | 'conflict'): Answer;
  /** Returns the answer of a call that took effect but seems to have failed. */
  corrupt(answer: Answer): Answer;
  /** Returns an answer of which only the beginning arrives. Without this method, the connection breaks. */
  truncate?(answer: Answer): Answer;
  /** Whether the request changes something, even if it arrives after its connection broke. */
  isWrite: boolean;
}

/** Faults without an answer to the caller. */
type Unanswered = 'jump' | 'crash-before' | 'crash-after' | 'crash-late';

interface HeldCall {
  caller: Caller;
  service: Service;
  label: string;
  release(outcome: Exclude<CallOutcome, Unanswered>): void;
  /** The effect of the call if it arrives after its container's death. */
  effect: (() => void) | undefined;
}

interface Sleeper {
  caller: Caller;
  until: number;
  wake(): void;
}

/** The longest call by the clock, and the range of the jump for the fault `jump`. In ms. */
const LONGEST_CALL = 300;
const SHORTEST_JUMP = MINUTE;
const LONGEST_JUMP = 11 * MINUTE;

/** The exclusive maximum of steps after which an abandoned request arrives. */
const SOON_STEPS = 8;
const LATE_STEPS = 150;

/** After this many turns of the event loop without a new call, all code under test is waiting. */
const IDLE_TURNS = 3;

export interface SchedulerTools {
  random: Random;
  callFaults: CallFaultPlan;
  trace: Trace;
  now(): number;
  advance(milliseconds: number): void;
  kill(caller: Caller, why: string): void;
  expireTokens(): void;
}

/**
 * Holds every call to the outside until it picks the call, decides its outcome and releases it. Between two picks the code
 * under test runs until it only waits for calls. So the scheduler decides the order of everything visible from outside.
 */
export class Scheduler {
  readonly #tools: SchedulerTools;
  #held: HeldCall[] = [];
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
    const hold = (label: string, apply: () => Answer, isWrite: boolean) =>
      this.#hold({
        caller,
        service: call.service,
        label,
        effect: isWrite ? apply : undefined,
        release: (outcome) => {
          switch (outcome) {
            case 'answered':
            case 'expire-tokens':
              answer(apply());
              return;
            case 'lost':
              apply();
              reject(connectionLost());
              return;
            case 'refused':
              reject(connectionLost());
              return;
            case 'throttled':
            case 'failed':
            case 'conflict':
              answer(call.refuse(outcome));
              return;
            case 'failed-after':
              answer(call.corrupt(apply()));
              return;
            case 'late':
              if (isWrite) this.#postpone(call.service, label, apply);
              if (call.truncate) answer(call.truncate(apply()));
              else reject(connectionLost());
              return;
            case 'slow': {
              const early = apply();
              hold(`${label} (answer)`, () => early, false);
              return;
            }
          }
        },
      });
    hold(call.label, call.apply, call.isWrite);
    return promise;
  }

  /** Waits until the clock reaches a time or the signal fires. */
  sleep(caller: Caller, until: number, signal: AbortSignal | undefined): Promise<void> {
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
  async runUntilIdle(): Promise<void> {
    for (let turns = 0; turns < IDLE_TURNS; turns += 1) {
      const before = this.#activity;
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#activity !== before) turns = -1;
    }
  }

  /** Returns the number of released calls. */
  get calls(): number {
    return this.#steps;
  }

  get heldCount(): number {
    return this.#held.length;
  }

  /** Returns when the first sleeper wakes, or undefined if there is none. */
  get nextWakeTime(): number | undefined {
    return this.#sleepers.length === 0 ? undefined : Math.min(...this.#sleepers.map(({ until }) => until));
  }

  /** Wakes the sleepers that are due. Returns whether there were any. */
  wakeSleepers(): boolean {
    const { now } = this.#tools;
    const due = this.#sleepers.filter(({ until }) => until <= now());
    this.#sleepers = this.#sleepers.filter(({ until }) => until > now());
    for (const { wake } of due) wake();
    this.#activity += due.length;
    return due.length > 0;
  }

  /** Picks one of the held calls and applies its outcome. */
  releaseOne(): void {
    const { random, callFaults, trace, advance, now, kill, expireTokens } = this.#tools;
    advance(random.below(LONGEST_CALL));
    const index = random.below(this.#held.length);
    const held = this.#held[index];
    if (held === undefined) throw new RangeError('no call waits');
    const outcome = callFaults.next(held.service);
    const { caller, label } = held;
    trace.add(now(), `${caller.name} ${label}${outcome === 'answered' ? '' : `: ${outcome}`}`);
    this.#steps += 1;
    if (outcome === 'jump') {
      advance(SHORTEST_JUMP + random.below(LONGEST_JUMP - SHORTEST_JUMP));
      return;
    }
    if (outcome === 'crash-before' || outcome === 'crash-after' || outcome === 'crash-late') {
      if (outcome === 'crash-after') held.effect?.();
      if (outcome !== 'crash-late') this.#held.splice(index, 1);
      kill(caller, outcome);
      return;
    }
    if (outcome === 'expire-tokens') expireTokens();
    this.#held.splice(index, 1);
    this.#activity += 1;
    held.release(outcome);
  }

  /** Lets the late requests that are due arrive. Returns whether there were any. */
  deliverLateRequests(): boolean {
    const due = this.#late.filter(({ step }) => step <= this.#steps);
    this.#late = this.#late.filter(({ step }) => step > this.#steps);
    this.#deliverRequests(due);
    return due.length > 0;
  }

  /** Lets all requests on their way arrive. */
  deliverAllRequests(): void {
    this.#deliverRequests(this.#late.splice(0));
  }

  /** Drops the calls of a dead caller. Its requests are lost or arrive later. */
  dropCalls(caller: Caller): void {
    for (const { service, label, effect } of this.#held.filter((held) => held.caller === caller)) {
      if (effect && this.#tools.random.chance(0.5)) this.#postpone(service, label, effect);
    }
    this.#held = this.#held.filter((held) => held.caller !== caller);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.caller !== caller);
  }

  /** Drops all requests on their way to a service that has been replaced. */
  dropRequests(service: Service): void {
    this.#late = this.#late.filter((request) => request.service !== service);
  }

  /** Lets a request arrive soon, or long after its caller's death. */
  #postpone(service: Service, label: string, effect: () => void): void {
    const { random } = this.#tools;
    const steps = random.below(random.chance(0.5) ? SOON_STEPS : LATE_STEPS);
    this.#late.push({ service, label, effect, step: this.#steps + steps });
  }

  #deliverRequests(requests: readonly { label: string; effect: () => void }[]): void {
    const { trace, now } = this.#tools;
    for (const { label, effect } of requests) {
      trace.add(now(), `late: ${label}`);
      effect();
    }
  }

  #hold(held: HeldCall): void {
    this.#activity += 1;
    this.#held.push(held);
  }
}

/** Returns an error that the SDK and undici treat as retryable. */
function connectionLost(): Error {
  return Object.assign(new Error('the connection was lost'), { name: 'Error', code: 'ECONNRESET' });
}
