import type { CollectorConfig } from '../../../shared/config.ts';
import { MINUTE } from '../../../shared/durations.ts';
import {
  type BackfillCommand,
  type Deletion,
  ended,
  type OwnersAct,
  type OwnersBackfill,
  startCommand,
} from './backfills.ts';
import type { CommitObserver } from './commit-observer.ts';
import type { Container } from './container.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** How long the owner waits before they start a command again. */
const RETRY = 7 * MINUTE;

export interface OwnerTools {
  random: Random;
  scheduler: Scheduler;
  observer: CommitObserver;
  objects: Map<string, Buffer>;
  trace: Trace;
  now(): number;
  /** Starts a process with a configuration, and ends one. */
  open(config: CollectorConfig): Container;
  close(container: Container): void;
}

/** The owner of the lake, who starts backfills on their own machine and deletes objects by mistake. */
export class Owner {
  /** The commands that were started, in order. */
  readonly commands: BackfillCommand[] = [];
  /** Whether calls may have faults. */
  hasFaults = true;
  readonly #tools: OwnerTools;
  #acts: readonly OwnersAct[] = [];

  constructor(tools: OwnerTools) {
    this.#tools = tools;
  }

  plan(act: OwnersAct): void {
    this.#acts = [...this.#acts, act].sort((a, b) => a.at - b.at);
  }

  /** When the next act is due; infinite if there is none. */
  get next(): number {
    return this.#acts[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Does what is due next, with the deployed configuration. */
  act(config: CollectorConfig): void {
    const [act, ...rest] = this.#acts;
    this.#acts = rest;
    if (act?.kind === 'backfill') this.#start(act, config);
    else if (act) this.#delete(act);
  }

  /** Deletes committed objects of some tables, as nobody should. */
  #delete({ tables, share }: Deletion): void {
    const { random, scheduler, observer, objects, trace, now } = this.#tools;
    // A repeated PUT on its way would bring an object back.
    scheduler.deliverAllRequests();
    for (const key of [...observer.committed.keys()].sort()) {
      if (!tables.some((table) => key.startsWith(`${table}/`)) || !random.chance(share)) continue;
      const body = objects.get(key);
      if (!body || !objects.delete(key)) continue;
      trace.add(now(), `${key} is deleted`);
      observer.deleted.set(key, { body, at: now() });
    }
  }

  /** Starts a backfill. A command that failed or died is started again. */
  #start(planned: OwnersBackfill, config: CollectorConfig): void {
    const { scheduler, observer, trace, now, open, close } = this.#tools;
    const { dataset, period, isDryRun, stoppedAfter, attempts } = planned;
    const container = open(config);
    trace.add(now(), `${container.name} starts for ${dataset}`);
    const command: BackfillCommand = {
      ...{ dataset, period, isDryRun, config, name: container.name },
      commitsBefore: observer.commits.length,
      startedAt: now(),
      endedAt: undefined,
      hasFaults: this.hasFaults,
      results: undefined,
      isDone: false,
      error: undefined,
    };
    this.commands.push(command);
    const again = () => {
      if (attempts > 1)
        this.plan({ kind: 'backfill', ...planned, at: now() + RETRY, attempts: attempts - 1 });
    };
    // No time limit ends a command.
    container.invocation = { startedAt: now(), overdue: true, onKilled: again };
    const { work, stop } = startCommand(planned, container);
    const isOver = (how: string) => {
      scheduler.noteActivity();
      trace.add(now(), `${container.name} ${how}`);
      command.endedAt = now();
      close(container);
      if (!command.isDone) again();
    };
    work.then(
      (results) => {
        ended(command, results);
        isOver('ends');
      },
      (error: unknown) => {
        command.error = error;
        isOver(`fails: ${String(error)}`);
      },
    );
    if (stoppedAfter !== null) void scheduler.sleep(container, now() + stoppedAfter, undefined).then(stop);
  }
}
