import type { FinishedRun } from '../shared/engine/run-result.ts';

/** The summary of one dataset and project in a tick: its run and the runs that continued it. */
export interface RunSummary {
  dataset: string;
  project: string;
  outcome: FinishedRun['outcome'];
  targets: number;
  failedTargets: number;
  /** Targets with remaining work for a later run. */
  remaining: number;
  rows: number;
  bytes: number;
  gaps: number;
  requests: number;
  throttled: number;
  /** Items of Atlas's lists that could not be read. */
  unreadableItems: number;
  lagSeconds: number;
  failures: Array<{ target: string; error: string }>;
  /** The clusters that the configuration selects, and those that it does not. */
  clusters: FinishedRun['clusters'];
}

/** Adds up the runs of a tick. The last run determines the outcome. */
export class RunSummaries {
  readonly #byRun = new Map<string, RunSummary>();

  add(run: FinishedRun): RunSummary {
    const key = `${run.dataset}/${run.subject.id}`;
    const before = this.#byRun.get(key);
    const summary: RunSummary = {
      dataset: run.dataset,
      project: run.subject.id,
      outcome: run.outcome,
      targets: run.targets,
      failedTargets: run.failures.length,
      remaining: run.remaining,
      rows: run.rows + (before?.rows ?? 0),
      bytes: run.bytes + (before?.bytes ?? 0),
      gaps: run.gaps + (before?.gaps ?? 0),
      requests: run.requests + (before?.requests ?? 0),
      throttled: run.throttled + (before?.throttled ?? 0),
      unreadableItems: run.unreadableItems + (before?.unreadableItems ?? 0),
      lagSeconds: run.lagSeconds,
      failures: run.failures.map(({ target, error }) => ({ target, error: error.message })),
      clusters: run.clusters,
    };
    this.#byRun.set(key, summary);
    return summary;
  }

  /** Returns the summaries, sorted by dataset and project. */
  list(): RunSummary[] {
    return [...this.#byRun.keys()].sort().flatMap((key) => this.#byRun.get(key) ?? []);
  }

  /** Tells whether all due data is collected. */
  get complete(): boolean {
    return this.list().every(
      ({ outcome, unreadableItems }) => outcome === 'complete' && unreadableItems === 0,
    );
  }
}
