import pLimit from 'p-limit';
import type { AtlasSession } from '../atlas/api.ts';
import { isNotFound } from '../atlas/refusal.ts';
import type { Clock } from '../clock.ts';
import { SECOND } from '../durations.ts';
import type { Subject } from '../ids.ts';
import type { TableRows } from '../lake/table.ts';
import type { BatchWriter } from './batch-writer.ts';
import { unreadRemark } from './cluster-selection.ts';
import type { Target } from './cursor.ts';
import {
  type Collector,
  committedUpTo,
  type Gap,
  type Measure,
  type Step,
  type StepResult,
  type TargetState,
  targetLabel,
} from './dataset.ts';
import type { Discovery } from './discovery.ts';
import { classifyError, type Failure, NEXT_TICK, NOW, type Resume, type Stop, type Wait } from './errors.ts';
import { isDormant } from './listing.ts';
import type { RunTime } from './run-clock.ts';
import type { CollectedWork, RunProgress, TargetFailure } from './run-result.ts';
import type { RunOutcome } from './run-statistics.ts';
import { type CollectionGapRow, collectionGaps } from './tables.ts';

/**
 * Maximum concurrent requests of one run. Atlas refills 100 per minute and project, so more would only wait.
 * Two datasets that share a bucket must not queue for longer than the client lets a request wait.
 */
const CONCURRENT_STEPS = 6;

const EARLIER_DATA_UNREADABLE = 'the earlier data of a process without data could not be read';

export interface LoopContext<State extends TargetState> {
  dataset: string;
  subject: Subject;
  collector: Pick<Collector<State>, 'nextStep' | 'concurrency'>;
  atlas: AtlasSession;
  batch: BatchWriter<State>;
  clock: Clock;
  time: RunTime;
  /** No step starts after this, clock time. */
  deadline: number;
  /** Atlas no longer shows the subject, so that errors of its targets are expected. */
  isVanished: boolean;
  /** An earlier run of the same tick had to stop. */
  isContinuation: boolean;
  onProgress(progress: RunProgress): void;
}

/** A target with something to read, and how to read it. */
interface OpenTarget<State extends TargetState> {
  target: Target<State>;
  step: Step<State>;
}

/**
 * Advances the targets step by step, those that are furthest behind first, until nothing is left to read or
 * the run must stop. A target that fails, or for which there are no more requests, waits for the next run; the others
 * continue.
 */
export class TargetLoop<State extends TargetState> {
  readonly #context: LoopContext<State>;
  readonly #failures: TargetFailure[] = [];
  readonly #warnings: string[] = [];
  readonly #measures = new Map<string, Measure>();
  /** Targets that this run no longer reads: failed, or gone. */
  readonly #out = new Set<Target<State>>();
  /** Targets of which a step got nothing because a part of it failed. */
  readonly #stuck = new Set<Target<State>>();
  /** Targets for which Atlas has nothing, so that they are not behind. */
  readonly #lacking = new Set<Target<State>>();
  /** Targets whose requests must wait for the rate limit. */
  readonly #waiting = new Set<Target<State>>();
  #stop: Stop | null = null;
  /** When the first of them can continue, the clock's time in ms; null if none waits. */
  #retryAt: number | null = null;
  #steps = 0;
  #rows = 0;

  constructor(context: LoopContext<State>) {
    this.#context = context;
  }

  async collect(discovery: Discovery<State>): Promise<CollectedWork> {
    this.#failures.push(...discovery.failures);
    this.#stop = discovery.stop;
    if (discovery.wait) this.#wait(discovery.wait);
    const candidates = discovery.targets;
    const targets = candidates.filter((target) => !isDormant(target)).length;
    const limit = pLimit(this.#context.collector.concurrency ?? CONCURRENT_STEPS);
    let open = this.#stop ? [] : this.#open(candidates);
    const left = new Set(open.map(({ target }) => target));
    const take = async ({ target, step }: OpenTarget<State>) => {
      await this.#take(target, step);
      if (!this.#isUnfinished(target)) left.delete(target);
      this.#report(targets, left.size);
    };
    // Steps that share the few remaining requests may all fail to finish. In a continuation one step goes
    // first, so that it finishes: the first one that does not have to wait.
    if (this.#context.isContinuation) {
      for (const one of open) {
        await take(one);
        if (this.#stop || !this.#waiting.has(one.target)) break;
      }
      open = this.#open(candidates);
    }
    while (open.length > 0 && !this.#stop) {
      const round = open.map((one) => limit(() => take(one)));
      // The whole round ends before an error is thrown: no step may write after the run has ended.
      await Promise.allSettled(round);
      await Promise.all(round);
      open = this.#open(candidates);
    }
    return this.#result(targets, candidates, discovery);
  }

  #report(targets: number, left: number): void {
    const { dataset, subject, atlas, onProgress } = this.#context;
    const done = Math.max(targets - left, 0);
    onProgress({ dataset, subject, targets, done, rows: this.#rows, requests: atlas.traffic.requests });
  }

  /** Returns whether something of a target is left to read in this tick. */
  #isUnfinished(target: Target<State>): boolean {
    const { collector, time } = this.#context;
    return !this.#out.has(target) && collector.nextStep(target, time) !== null;
  }

  /** Returns the targets that have a next step, those that are furthest behind first. */
  #open(candidates: readonly Target<State>[]): OpenTarget<State>[] {
    const { collector, time } = this.#context;
    return candidates
      .filter((target) => !this.#out.has(target) && !this.#waiting.has(target))
      .sort((a, b) => a.state.watermark - b.state.watermark)
      .flatMap((target) => {
        const step = collector.nextStep(target, time);
        return step ? [{ target, step }] : [];
      });
  }

  #wait({ error }: Wait): void {
    this.#retryAt = Math.min(this.#retryAt ?? error.retryAt, error.retryAt);
  }

  async #take(target: Target<State>, step: Step<State>): Promise<void> {
    const { atlas, batch, clock, deadline } = this.#context;
    if (!this.#stop && clock.now() >= deadline) {
      this.#stop = { kind: 'stop', error: null, resume: NOW };
    }
    if (this.#stop) return;
    try {
      const { watermark } = target.state;
      const outcome = await step(atlas, () => atlas.now());
      batch.check(target, outcome.state);
      const gaps = this.#gapRows(target, outcome.gaps);
      const addition = {
        tables: [...outcome.tables, gaps],
        gaps: outcome.gaps.length,
        notes: outcome.warnings ?? [],
      };
      await batch.add(target, addition, () => {
        target.state = outcome.state;
      });
      this.#note(target, outcome);
      const rows = [...outcome.tables, gaps].reduce((sum, table) => sum + table.rows.length, 0);
      if (rows > 0 || target.state.watermark > watermark || !outcome.failures?.length) this.#steps += 1;
      else this.#stuck.add(target);
      this.#rows += rows;
    } catch (error) {
      this.#fail(target, error);
    }
  }

  #note(target: Target<State>, { warnings = [], measures = [], failures = [] }: StepResult<State>): void {
    this.#warnings.push(...warnings);
    for (const { part, error } of failures) {
      if (this.#isExpected(target, isNotFound(error))) continue;
      this.#failures.push({ target: `${targetLabel(target)}/${part}`, error });
    }
    for (const measure of measures) {
      const highest = this.#measures.get(measure.name);
      if (!highest || measure.value > highest.value) this.#measures.set(measure.name, measure);
    }
  }

  #fail(target: Target<State>, error: unknown): void {
    let classified: Stop | Wait | Failure;
    try {
      classified = classifyError(error);
    } catch (mistake) {
      this.#stop ??= { kind: 'stop', error: null, resume: NEXT_TICK };
      throw mistake;
    }
    if (classified.kind === 'stop') {
      this.#stop ??= classified;
      return;
    }
    if (classified.kind === 'wait') {
      this.#waiting.add(target);
      this.#wait(classified);
      return;
    }
    this.#out.add(target);
    if (this.#isExpected(target, classified.notFound)) return;
    if (classified.lacking) this.#lacking.add(target);
    if (classified.note !== null) {
      this.#context.atlas.remarks.notes.add(classified.note);
      return;
    }
    this.#failures.push({ target: targetLabel(target), error: classified.error });
  }

  /** Returns whether a failure of a target is expected. What cannot be read becomes a gap in the end. */
  #isExpected(target: Target<State>, isGone: boolean): boolean {
    // A target that is no longer listed is read while Atlas may still have its values, so it may not be found.
    if ((isGone || this.#context.isVanished) && target.missingSince !== null) return true;
    // The same goes for a host that is down.
    if (target.cursor.hasData) return false;
    this.#warnings.push(EARLIER_DATA_UNREADABLE);
    return true;
  }

  #gapRows(target: Target<State>, gaps: readonly Gap[]): TableRows {
    const { dataset, subject, atlas } = this.#context;
    const rows: CollectionGapRow[] = gaps.map(({ from, to, reason }) => ({
      project_id: subject.id,
      dataset,
      target: targetLabel(target),
      ts: from,
      gap_end: to,
      reason: `${reason}${unreadRemark(target.cursor, { from, to })}`,
      collected_at: atlas.now(),
      cluster_name: target.cursor.attributes['cluster_name'] ?? null,
    }));
    return { table: collectionGaps, rows };
  }

  #result(targets: number, candidates: readonly Target<State>[], discovery: Discovery<State>): CollectedWork {
    const { stop, unread, clusters } = discovery;
    const { error = null, resume = NOW } = this.#stop ?? {};
    if (error && resume.kind === 'next-tick' && this.#failures.length === 0) {
      this.#failures.push({ target: this.#context.subject.id, error });
    }
    // It is unknown which targets an unread list names, so each list counts as remaining work.
    const unknown = unread + (stop ? 1 : 0);
    const remaining = candidates.filter((target) => this.#isUnfinished(target)).length + unknown;
    const { time } = this.#context;
    const watermarks = candidates
      .filter((target) => target.missingSince === null && !target.state.idle && !this.#lacking.has(target))
      .map(({ state }) => committedUpTo(state, time.tick));
    // The lag is negative if all watermarks are ahead of the run. This must stay visible.
    const behind = watermarks.length === 0 ? 0 : time.now - Math.min(...watermarks);
    return {
      outcome: this.#outcome(candidates, remaining),
      targets,
      failures: this.#failures,
      remaining,
      resume: remaining > 0 ? this.#resume(discovery) : NEXT_TICK,
      lagSeconds: Math.round(behind / SECOND),
      warnings: this.#warnings,
      measures: [...this.#measures.values()],
      clusters,
    };
  }

  #outcome(candidates: readonly Target<State>[], remaining: number): RunOutcome {
    if (this.#stop?.resume.kind === 'next-tick') return 'failed';
    if (this.#failures.length > 0) {
      const hasFailed = (target: Target<State>) => this.#out.has(target) || this.#stuck.has(target);
      return candidates.every(hasFailed) ? 'failed' : 'partial';
    }
    return remaining > 0 ? 'continued' : 'complete';
  }

  /**
   * Returns when to continue. Continuing at once makes sense only if this run made progress, if the next one lists
   * first, or if Atlas says when.
   */
  #resume({ listings, isPostponed }: Discovery<State>): Resume {
    const allowed: Resume | null = this.#retryAt === null ? null : { kind: 'at', time: this.#retryAt };
    const resume = this.#stop?.resume ?? allowed ?? NOW;
    if (resume.kind !== 'now' || this.#steps + listings > 0 || isPostponed) return resume;
    return allowed ?? NEXT_TICK;
  }
}
