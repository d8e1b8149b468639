import type { Fate, FatePlan, Service } from './fates.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** Whoever calls, as long as it lives. */
export interface Life {
  readonly name: string;
  readonly alive: boolean;
}

/** A call of the code under test to the world outside, as its service sees it. */
export interface Call<Answer> {
  caller: Life;
  service: Service;
  /** For the trace. */
  label: string;
  /** What the service does with it, and what it answers; conditions are evaluated when this is called. */
  take(): Answer;
  /** The answer to a call that met this fate. */
  refuse(fate: 'throttled' | 'failed' | 'conflict'): Answer;
  /** The answer of a call that took effect and seems to have failed. */
  spoil(answer: Answer): Answer;
  /** The answer of which only the beginning arrives; without it, a connection that breaks. */
  cut?(answer: Answer): Answer;
  /** Whether the request changes something, also when it arrives after its connection broke. */
  lasting: boolean;
}

/** Fates of which the caller hears nothing. */
type Unanswered = 'jump' | 'crash-before' | 'crash-after' | 'crash-late';

interface Parked {
  caller: Life;
  service: Service;
  label: string;
  release(fate: Exclude<Fate, Unanswered>): void;
  /** What it would do if it arrived after its container's death. */
  effect: (() => void) | undefined;
}

interface Sleeper {
  caller: Life;
  until: number;
  wake(): void;
}

/** How long a call takes at most, clock time; and by how much the clock jumps where a call's fate is to wait. */
const LONGEST_CALL = 300;
const SHORTEST_JUMP = 60_000;
const LONGEST_JUMP = 11 * 60_000;

/** Steps after which a request arrives that its caller does not wait for any more: fewer than so many. */
const SOON = 8;
const LONG = 150;

/** Turns of the event loop without a new call, after which nobody has anything left to do but wait. */
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
 * Every call to the world outside waits here until the scheduler picks it, decides its fate and lets it go on. Between
 * two picks the code under test runs until it waits for calls only, so the order of all that can be seen from outside
 * is the scheduler's.
 */
export class Scheduler {
  readonly #tools: SchedulerTools;
  #parked: Parked[] = [];
  #sleepers: Sleeper[] = [];
  /** Requests that are still under way, though nobody waits for them. */
  #late: Array<{ service: Service; label: string; effect: () => void; step: number }> = [];
  /** Rises whenever the code under test does something that can be seen from outside. */
  #activity = 0;
  /** Calls that were let go on. */
  #steps = 0;

  constructor(tools: SchedulerTools) {
    this.#tools = tools;
  }

  /** Waits for the scheduler, and then for the answer. A dead container's calls never end. */
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

  /** Waits until the clock shows a time, or the signal fires. */
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

  /** Something happened that may lead to new calls. */
  noteActivity(): void {
    this.#activity += 1;
  }

  /** Lets the code under test run until it waits for the scheduler only. */
  async calm(): Promise<void> {
    for (let turns = 0; turns < CALM_TURNS; turns += 1) {
      const before = this.#activity;
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#activity !== before) turns = -1;
    }
  }

  /** Calls that were let go on. */
  get calls(): number {
    return this.#steps;
  }

  get waiting(): number {
    return this.#parked.length;
  }

  /** When the first sleeper wants to be woken; undefined when nobody sleeps. */
  get nextWaking(): number | undefined {
    return this.#sleepers.length === 0 ? undefined : Math.min(...this.#sleepers.map(({ until }) => until));
  }

  /** Wakes those whose time has come; true when there were any. */
  wake(): boolean {
    const { now } = this.#tools;
    const due = this.#sleepers.filter(({ until }) => until <= now());
    this.#sleepers = this.#sleepers.filter(({ until }) => until > now());
    for (const { wake } of due) wake();
    this.#activity += due.length;
    return due.length > 0;
  }

  /** Picks one of the calls that wait, and lets it meet its fate. */
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

  /** Lets the requests arrive whose time has come; true when there were any. */
  land(): boolean {
    const due = this.#late.filter(({ step }) => step <= this.#steps);
    this.#late = this.#late.filter(({ step }) => step > this.#steps);
    this.#arrive(due);
    return due.length > 0;
  }

  /** Lets everything arrive that is still under way. */
  landAll(): void {
    this.#arrive(this.#late.splice(0));
  }

  /** Drops what a dead caller waits for. Its requests are lost, or arrive some time later. */
  bury(caller: Life): void {
    for (const { service, label, effect } of this.#parked.filter((parked) => parked.caller === caller)) {
      if (effect && this.#tools.random.chance(0.5)) this.#postpone(service, label, effect);
    }
    this.#parked = this.#parked.filter((parked) => parked.caller !== caller);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.caller !== caller);
  }

  /** What is still under way to a service never arrives: there is another in its place. */
  forget(service: Service): void {
    this.#late = this.#late.filter((request) => request.service !== service);
  }

  /** A request arrives soon, or long after its caller's death. */
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

/** As the SDK and undici know it: worth another try. */
function connectionLost(): Error {
  return Object.assign(new Error('the connection was lost'), { name: 'Error', code: 'ECONNRESET' });
}
