import type { SQSRecord } from 'aws-lambda';
import { datasets } from '../../../functions/datasets.ts';
import { dispatchHandler } from '../../../functions/dispatch/dispatch.ts';
import type { CollectorConfig } from '../../../shared/config.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import type { FinishedRun } from '../../../shared/engine/run-result.ts';
import { datasetHandler } from '../../../shared/worker/dataset-handler.ts';
import { VISIBILITY_SECONDS } from '../../../shared/worker/limits.ts';
import type { SimulatedAtlas } from '../../../simulator/atlas.ts';
import type { SimulatedAws } from './aws/clients.ts';
import { type Item, SimulatedDynamoDb } from './aws/dynamodb.ts';
import { SimulatedS3 } from './aws/s3.ts';
import { type Message, SimulatedSqs } from './aws/sqs.ts';
import { type BackfillCommand, COMMAND_LINE, type OwnersAct } from './backfills.ts';
import { CallFaultPlan, type PlannedCallFault } from './call-faults.ts';
import { CommitObserver } from './commit-observer.ts';
import { Container, datasetOfQueue, TIMEOUT } from './container.ts';
import type { SimulatedCredentials } from './credentials.ts';
import { Owner } from './owner.ts';
import { Random } from './random.ts';
import { type Caller, Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';

/** One invocation of the schedules. */
export interface Tick {
  at: number;
  datasets: readonly string[];
  config: CollectorConfig;
  /** Whether the cursor table is saved, or restored to what was saved, before the tick. */
  table?: 'save' | 'restore';
}

/** A run as seen from outside. */
export interface RunRecord {
  dataset: string;
  /** The id of the project or organisation. */
  subject: string;
  tick: number;
  config: CollectorConfig;
  /** The time by the clock of Atlas and AWS, not of the container. */
  startedAt: number;
  finishedAt: number | undefined;
  /** How far the run's time is ahead. The run uses its container's clock or Atlas's, whichever is earlier. */
  skew: number;
  /** What the run reported at its end. */
  result: FinishedRun | undefined;
}

export interface WorldOptions {
  seed: number;
  atlas: SimulatedAtlas;
  credentials: SimulatedCredentials;
  callFaults: readonly PlannedCallFault[];
  redelivered: number;
  skew: number;
  /** How far some clocks are ahead, in addition to `skew`. */
  ahead: number;
  traced: boolean;
}

/** How long a queue hides a delivered message. */
const VISIBILITY = VISIBILITY_SECONDS * SECOND;

/** The share of invocations that continue after their time limit. Their writes must do no harm. */
const ZOMBIE_SHARE = 0.3;

/** The longest call in ms: one that waits while the clock jumps. */
const LONGEST_ANSWER = 12 * MINUTE;

/** How long EventBridge Scheduler waits before it retries a failed `dispatch`. */
const SCHEDULE_RETRY = MINUTE;

/** Contains the deployed collector, its services, and one scheduler that decides what happens next. */
export class World {
  readonly aws: SimulatedAws;
  readonly observer: CommitObserver;
  readonly trace: Trace;
  readonly runs = new Map<string, RunRecord>();
  /** Errors that ended a run and do not come from Atlas. */
  readonly crashes: unknown[] = [];
  readonly scheduler: Scheduler;
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #callFaults: CallFaultPlan;
  readonly #owner: Owner;
  #containers: Container[] = [];
  #created = 0;
  #ticks: Tick[] = [];
  #backfillRuns = 0;
  #config: CollectorConfig | undefined;
  #zombieShare = ZOMBIE_SHARE;
  #redelivered: number;
  #saved: readonly Item[] = [];

  constructor(options: WorldOptions) {
    const { atlas } = options;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#callFaults = new CallFaultPlan(options.callFaults);
    this.#redelivered = options.redelivered;
    this.trace = new Trace(options.traced);
    const now = () => this.now;
    const s3 = new SimulatedS3();
    this.observer = new CommitObserver(s3.objects, now);
    const dynamodb = new SimulatedDynamoDb({ now, onChange: (changes) => this.observer.observe(changes) });
    this.aws = { dynamodb, s3, sqs: new SimulatedSqs({ now, visibility: VISIBILITY }) };
    this.scheduler = new Scheduler({
      random: this.#random,
      callFaults: this.#callFaults,
      trace: this.trace,
      now,
      advance: (milliseconds) => atlas.clock.advance(milliseconds),
      kill: (caller, why) => this.#kill(caller, why),
      expireTokens: () => atlas.faults.expireTokens(),
    });
    this.#owner = new Owner({
      ...{ random: this.#random, scheduler: this.scheduler, observer: this.observer, trace: this.trace, now },
      objects: s3.objects,
      open: (config) => this.#open(COMMAND_LINE, config),
      close: (container) => this.#close(container),
    });
  }

  /** Returns the ids of all projects and organisations that a dataset collects. */
  subjectIdsOf(name: string): string[] {
    const { organisation } = this.#options.atlas;
    const { subjects = ['project'] } = datasets.find((dataset) => dataset.name === name) ?? {};
    return subjects.flatMap((kind) =>
      kind === 'project' ? organisation.projects.map(({ id }) => id) : [organisation.id],
    );
  }

  /** The backfills that the owner has started, in order. */
  get backfills(): readonly BackfillCommand[] {
    return this.#owner.commands;
  }

  get now(): number {
    return this.#options.atlas.clock.now();
  }

  /** Runs the ticks and everything that follows from them, until nothing is left to do. */
  async run(ticks: readonly Tick[], acts: readonly OwnersAct[] = []): Promise<void> {
    this.#ticks = [...ticks];
    for (const act of acts) this.#owner.plan(act);
    for (;;) {
      await this.scheduler.runUntilIdle();
      if (!this.#takeStep()) return;
    }
  }

  /** Stops all faults. Requests on their way still arrive. */
  stopFaults(): void {
    this.#callFaults.end();
    this.#options.credentials.end();
    this.#zombieShare = 0;
    this.#redelivered = 0;
    this.#owner.hasFaults = false;
  }

  /** Takes one step. Returns false if nothing is left to do. */
  #takeStep(): boolean {
    this.#endOverdue();
    if (this.scheduler.wakeSleepers()) return true;
    if (this.scheduler.deliverLateRequests()) return true;
    const messages = this.aws.sqs.deliverable();
    const [tick] = this.#ticks;
    const due = tick !== undefined && tick.at <= this.now ? [tick] : [];
    // Nothing is deployed before the first tick.
    const acts = this.#config && this.#owner.next <= this.now ? [this.#config] : [];
    const choices = this.scheduler.heldCount + messages.length + due.length + acts.length;
    if (choices === 0) return this.#advanceClock();
    const chosen = this.#random.below(choices);
    const message = messages[chosen];
    if (message) this.#deliver(message);
    else if (chosen < messages.length + due.length) this.#startTick();
    else if (chosen < messages.length + due.length + acts.length)
      for (const config of acts) this.#owner.act(config);
    else this.scheduler.releaseOne();
    return true;
  }

  /** Moves the clock to the next event. Nothing can happen before it. */
  #advanceClock(): boolean {
    const times = [this.scheduler.nextWakeTime, this.aws.sqs.nextVisible, this.#ticks[0]?.at];
    const next = Math.min(this.#owner.next, ...times.filter((time) => time !== undefined));
    if (next === Number.POSITIVE_INFINITY) return false;
    this.#options.atlas.clock.set(Math.max(this.now, next));
    return true;
  }

  #startTick(): void {
    const tick = this.#ticks.shift();
    if (tick === undefined) return;
    this.#config = tick.config;
    if (tick.table === 'save') {
      this.#saved = this.aws.dynamodb.items;
      this.observer.tableSaved();
    }
    if (tick.table === 'restore') this.#restore();
    for (const dataset of tick.datasets) this.#dispatch(dataset, tick.at, 1);
  }

  /** Stops the collector, replaces the table by an earlier one, and starts the collector again. */
  #restore(): void {
    this.trace.add(this.now, 'the table is restored');
    for (const container of this.#containers) if (container.invocation) this.#kill(container, 'restore');
    this.scheduler.dropRequests('dynamodb');
    this.observer.tableRestored(this.aws.dynamodb.items, this.#saved);
    this.aws.dynamodb.restore(this.#saved);
  }

  #dispatch(dataset: string, tick: number, attempt: number): void {
    const container = this.#idleContainer('dispatch');
    this.trace.add(this.now, `${container.name} starts for ${dataset}`);
    const handler = dispatchHandler(datasets, async () => ({
      ...container.runtime,
      subjects: container.units,
      onRefused: () => {},
      onUnlistable: () => {},
      onUnreadable: () => {},
      onUnlisted: () => {},
      onSent: () => {},
    }));
    const again = () => {
      if (attempt > 2) return;
      void this.scheduler.sleep(SCHEDULES, this.now + SCHEDULE_RETRY, undefined).then(() => {
        this.#dispatch(dataset, tick, attempt + 1);
      });
    };
    const event = { dataset, tick: new Date(tick).toISOString() };
    container.invocation = { startedAt: this.now, overdue: false, onKilled: again };
    this.#track(container, handler(event, container.context()), again);
  }

  #deliver(message: Message): void {
    if (!this.aws.sqs.receive(message)) return;
    const name = datasetOfQueue(message.queue);
    const dataset = datasets.find((candidate) => candidate.name === name);
    if (!dataset) throw new Error(`no dataset for the queue ${message.queue}`);
    const container = this.#idleContainer(dataset.name);
    this.trace.add(this.now, `${container.name} starts for ${message.body}`);
    const payload = JSON.parse(message.body);
    container.invocation = { startedAt: this.now, overdue: false, onKilled: () => {}, message: payload };
    const handled = datasetHandler(dataset, async () => container.runtime)(
      { Records: [recordOf(message)] },
      container.context(),
    ).then(({ batchItemFailures }) => {
      const kept = batchItemFailures.length > 0 || this.#random.chance(this.#redelivered);
      if (!kept) this.aws.sqs.remove(message);
    });
    this.#track(container, handled, () => {});
  }

  /** @param onError called after an error that the handler did not catch */
  #track(container: Container, work: Promise<unknown>, onError: () => void): void {
    const end = (how: string) => {
      this.scheduler.noteActivity();
      container.invocation = null;
      this.trace.add(this.now, `${container.name} ${how}`);
    };
    work.then(
      () => end('ends'),
      (error: unknown) => {
        end(`fails: ${String(error)}`);
        onError();
      },
    );
  }

  /** Returns an idle container with the newest configuration. */
  #idleContainer(name: string): Container {
    const config = this.#config;
    if (!config) throw new Error('nothing is deployed before the first tick');
    const free = this.#containers.find(
      (container) =>
        container.function === name && container.config === config && container.invocation === null,
    );
    if (free) return free;
    return this.#open(name, config);
  }

  #open(name: string, config: CollectorConfig): Container {
    const container = this.#create(name, config);
    this.#containers.push(container);
    return container;
  }

  /** Ends a container. It has no effect from then on. */
  #close(container: Container): void {
    container.alive = false;
    this.#containers = this.#containers.filter((other) => other !== container);
    this.scheduler.dropCalls(container);
  }

  #kill(caller: Caller, why: string): void {
    const container = this.#containers.find((candidate) => candidate === caller);
    if (!container) throw new Error(`${caller.name} cannot be killed`);
    this.trace.add(this.now, `${container.name} is killed (${why})`);
    this.#close(container);
    container.invocation?.onKilled();
  }

  /** Kills invocations at their time limit, as Lambda does. Some continue, as if the limit were unreliable. */
  #endOverdue(): void {
    for (const container of this.#containers) {
      const { invocation } = container;
      if (!invocation || invocation.overdue || this.now - invocation.startedAt < TIMEOUT) continue;
      invocation.overdue = true;
      if (!this.#random.chance(this.#zombieShare)) this.#kill(container, 'time limit');
    }
  }

  #create(name: string, config: CollectorConfig): Container {
    this.#created += 1;
    const { atlas, credentials, skew: most, ahead } = this.#options;
    const isAhead = ahead > 0 && this.#random.chance(0.3);
    const skew = Math.round((2 * this.#random.fraction() - 1) * most) + (isAhead ? ahead : 0);
    return new Container(
      { name: `${name}/${this.#created}`, function: name, config, skew },
      {
        scheduler: this.scheduler,
        atlas,
        credentials,
        aws: this.aws,
        onRun: (container) => this.#startRun(container),
        onFinished: (container, result) => this.#finishRun(container, result),
        onCrashed: (error) => this.crashes.push(error),
      },
    );
  }

  #startRun({ function: dataset, config, runtime, name, invocation }: Container): string {
    if (dataset === COMMAND_LINE) return `${name}/${this.#backfillRuns++}`;
    const { project: subject = '', credential = null, tick = '' } = invocation?.message ?? {};
    const id = `${name}/${this.runs.size}`;
    const record = {
      dataset,
      subject,
      tick: Date.parse(tick),
      config,
      // The run's own time, within the promised limit: ahead of Atlas by at most the skew and the time of one answer.
      skew: Math.min(runtime.atlas.of(credential).now() - this.now, this.#options.skew + LONGEST_ANSWER),
      startedAt: this.now,
      finishedAt: undefined,
      result: undefined,
    };
    this.runs.set(id, record);
    return id;
  }

  #finishRun({ name }: Container, result: FinishedRun): void {
    const record = [...this.runs].findLast(([id]) => id.startsWith(`${name}/`))?.[1];
    if (!record) throw new Error(`${name} finished a run that had not started`);
    record.finishedAt = this.now;
    record.result = result;
  }
}

/** EventBridge Scheduler. The death of a container does not affect its retries. */
const SCHEDULES: Caller = { name: 'schedules', alive: true };

function recordOf(message: Message): SQSRecord {
  return {
    messageId: message.id,
    receiptHandle: message.id,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receives),
      SentTimestamp: String(message.sentAt),
      SenderId: 'simulation',
      ApproximateFirstReceiveTimestamp: String(message.sentAt),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:simulation.fifo',
    awsRegion: 'us-east-1',
  };
}
