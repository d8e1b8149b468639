import { MINUTE, SECOND } from '../../../shared/durations.ts';
import type { covers } from '../../../shared/engine/redundancy.ts';
import { Random } from '../../faults/simulation/random.ts';
import { EventHeap } from './event-heap.ts';
import { FifoQueue, type QueueSettings } from './fifo-queue.ts';

/** One dataset of the model. */
export interface ModelledDataset extends QueueSettings {
  name: string;
  everyMinutes: number;
  /** The minutes from a multiple of `everyMinutes` to its ticks. */
  offsetMinutes: number;
  /** Projects collected at a time. */
  concurrency: number;
  /** The average duration of a run, s. One run takes from half to one and a half times as long. */
  runSeconds: number;
}

export interface Model {
  projects: number;
  datasets: readonly ModelledDataset[];
  /** Lambda's limit for all functions of the account together. */
  accountConcurrency: number;
  hours: number;
  /** How long a tick waits for a free execution before it becomes a dead letter, ms. */
  dispatchPatience: number;
  /** The order in which a tick sends its messages: `inOrderOfTick` of `functions/dispatch/`. */
  order<T>(list: readonly T[], tick: number, everyMinutes: number): T[];
  /** Whether a message needs no run: `covers` of `shared/engine/`. */
  covers: typeof covers;
}

/** What a dataset did. */
export interface DatasetOutcome {
  name: string;
  /** The longest time without the start of a run, by project, ms, ascending. */
  longestWaits: number[];
  /** Projects without a run in the second half of the time. */
  starved: number;
  runs: number;
  redundant: number;
  expired: number;
  dead: number;
  /** Ticks that became dead letters. */
  deadTicks: number;
  throttled: number;
}

/** The duration of an invocation that finds its message redundant: a warm start and one read of DynamoDB, s. */
const SKIP_SECONDS = 0.1;

/** The time from the end of an invocation until its event source has the next message, ms. */
const RECEIVING = 20;

/** How long an event source waits after Lambda has throttled it. */
const BACKOFF = SECOND;

/** Lambda tries a tick again after one second, and then after twice the time as before, up to five minutes. */
const LONGEST_BACKOFF = 5 * MINUTE;

/** How long `dispatch` takes: a cold start, and half a minute for ten thousand projects (`shared/worker/limits.ts`), ms. */
function dispatchTime(projects: number): number {
  return SECOND + projects * 3;
}

/** The beginning, ms. */
const START = Date.parse('2026-03-02T00:00:00Z');

function firstTick({ offsetMinutes }: ModelledDataset): number {
  return START + offsetMinutes * MINUTE;
}

type Event =
  | { kind: 'tick'; dataset: number }
  | { kind: 'dispatch'; dataset: number; tick: number; backoff: number }
  | { kind: 'dispatched'; dataset: number; tick: number }
  | { kind: 'poll'; dataset: number }
  | { kind: 'backed off'; dataset: number }
  | { kind: 'end'; dataset: number; group: number; run: { tick: number; startedAt: number } | null }
  | { kind: 'show'; dataset: number; group: number };

/**
 * Simulates the queues of a deployment, event by event. The same model has the same outcome.
 *
 * It is pessimistic about Lambda: a throttled message goes back to the queue, is hidden for the whole visibility timeout,
 * and has used up one of its deliveries. `dispatch` competes for the same executions.
 */
export function simulateQueues(model: Model): DatasetOutcome[] {
  const end = START + model.hours * 60 * MINUTE;
  const random = new Random(1);
  const events = new EventHeap<Event>();
  const subjects = Array.from({ length: model.projects }, (_, index) => index);
  const states = model.datasets.map((dataset, index) => {
    events.push(firstTick(dataset), { kind: 'tick', dataset: index });
    return { dataset, queue: new FifoQueue(model.projects, dataset), ...emptyState(model.projects) };
  });
  let active = 0;
  let now = START;
  const stateOf = (index: number) => {
    const state = states[index];
    if (!state) throw new RangeError(`no dataset ${index}`);
    return state;
  };

  /** Starts invocations until the event source is busy, throttled, or has nothing to do. */
  const poll = (index: number) => {
    const state = stateOf(index);
    const { queue, dataset } = state;
    while (state.busy < dataset.concurrency) {
      const message = queue.receive(now);
      if (!message) return;
      const { group, tick } = message;
      state.busy += 1;
      if (active >= model.accountConcurrency) {
        state.throttled += 1;
        events.push(now + dataset.visibility, { kind: 'show', dataset: index, group });
        events.push(now + BACKOFF, { kind: 'backed off', dataset: index });
        continue;
      }
      active += 1;
      const last = state.last[group];
      const isRedundant = last !== undefined && model.covers(last, { tick, continuation: 0 });
      const seconds = isRedundant ? SKIP_SECONDS : dataset.runSeconds * (0.5 + random.fraction());
      const run = isRedundant ? null : { tick, startedAt: now };
      events.push(now + seconds * SECOND, { kind: 'end', dataset: index, group, run });
    }
  };

  const handle = (event: Event) => {
    const state = stateOf(event.dataset);
    const { dataset, queue } = state;
    switch (event.kind) {
      case 'tick': {
        events.push(now + dataset.everyMinutes * MINUTE, event);
        return handle({ kind: 'dispatch', dataset: event.dataset, tick: now, backoff: SECOND });
      }
      case 'dispatch': {
        if (active < model.accountConcurrency) {
          active += 1;
          events.push(now + dispatchTime(model.projects), { ...event, kind: 'dispatched' });
        } else if (now + event.backoff - event.tick > model.dispatchPatience) state.deadTicks += 1;
        else {
          const backoff = Math.min(2 * event.backoff, LONGEST_BACKOFF);
          events.push(now + event.backoff, { ...event, backoff });
        }
        return;
      }
      case 'dispatched': {
        active -= 1;
        const { tick } = event;
        for (const group of model.order(subjects, tick, dataset.everyMinutes)) queue.send(group, tick, now);
        return poll(event.dataset);
      }
      case 'poll':
        return poll(event.dataset);
      case 'backed off':
        state.busy -= 1;
        return poll(event.dataset);
      case 'show':
        queue.show(event.group);
        return poll(event.dataset);
      case 'end': {
        const { group, run } = event;
        active -= 1;
        state.busy -= 1;
        if (run) {
          state.runs += 1;
          const wait = run.startedAt - (state.lastStart[group] ?? firstTick(dataset));
          state.longest[group] = Math.max(state.longest[group] ?? 0, wait);
          state.lastStart[group] = run.startedAt;
          state.last[group] = {
            tick: run.tick,
            is_first: true,
            started_at: run.startedAt,
            outcome: 'complete',
          };
        } else state.redundant += 1;
        queue.delete(group);
        events.push(now + RECEIVING, { kind: 'poll', dataset: event.dataset });
        return;
      }
    }
  };

  for (;;) {
    const event = events.pop();
    if (!event || event.key >= end) break;
    now = event.key;
    handle(event.value);
  }
  return states.map(({ dataset, queue, lastStart, longest, runs, redundant, throttled, deadTicks }) => ({
    name: dataset.name,
    longestWaits: longest
      .map((wait, group) => Math.max(wait, end - (lastStart[group] ?? START)))
      .sort((a, b) => a - b),
    starved: lastStart.filter((at) => at < (START + end) / 2).length,
    runs,
    redundant,
    expired: queue.expired,
    dead: queue.dead,
    deadTicks,
    throttled,
  }));
}

function emptyState(projects: number) {
  return {
    /** Slots of the event source that have a message or wait. */
    busy: 0,
    last: new Array<Parameters<typeof covers>[0] | undefined>(projects).fill(undefined),
    lastStart: new Array<number>(projects).fill(START),
    longest: new Array<number>(projects).fill(0),
    runs: 0,
    redundant: 0,
    throttled: 0,
    deadTicks: 0,
  };
}
