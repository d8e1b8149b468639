import type { CollectorConfig } from '../../shared/config.ts';
import { isEnabled, settingsFor } from '../../shared/config.ts';
import { DAY, MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { allowedLag, allowedSilence } from '../../shared/engine/lateness.ts';
import { type ClusterSummary, leftOut, summarised } from '../cluster-verdicts.ts';
import { nameAndId, type SubjectNames } from '../subject-names.ts';
import { minute, span } from '../times.ts';
import type { DatasetFacts, LakeFacts } from './facts.ts';

export type ProblemKind =
  | 'collect'
  | 'credential'
  | 'never-collected'
  | 'stopped'
  | 'behind'
  | 'ahead'
  | 'failed'
  | 'disappeared'
  | 'gap'
  | 'missing'
  | 'unreadable'
  | 'duplicate'
  | 'pending'
  | 'expiring'
  | 'nothing-selected'
  | 'unknown-clusters';

export interface Problem {
  kind: ProblemKind;
  /** The dataset or table; null if it concerns no single one. */
  dataset: string | null;
  /** The projects or organisations that it concerns. */
  subjects: string[];
  /** What is wrong and what to do, on one line. */
  message: string;
}

/** A secret that expires within this time needs a new one now. */
const SECRET_NOTICE = 7 * DAY;

/** A watermark this far in the future comes from a wrong clock. */
const CLOCK_TOLERANCE = 5 * MINUTE;

export interface CheckOptions {
  now: number;
  datasets: readonly Dataset[];
  config: CollectorConfig;
  /** Whether a stack in AWS collects the lake, so that no one runs `collect`. */
  isDeployed: boolean;
}

/** Returns everything that is wrong, the causes before their consequences. */
export function problemsOf(facts: LakeFacts, options: CheckOptions): Problem[] {
  return [
    ...collectProblem(facts, options.now),
    ...credentialProblems(facts, options.now),
    ...options.datasets.flatMap((dataset) => datasetProblems(dataset, facts, options)),
    ...clusterProblems(clustersIn(facts, options)),
    ...contentProblems(facts, options.now),
  ];
}

/** The last collection failed as a whole, and no run has ended since. */
function collectProblem({ lastCollect, datasets }: LakeFacts, now: number): Problem[] {
  if (lastCollect === null || lastCollect.error === null) return [];
  const at = Date.parse(lastCollect.at);
  if (datasets.some(({ lastRun }) => lastRun !== null && lastRun.startedAt > at)) return [];
  const message = `the last collect, ${span(now - at)} ago, failed: ${lastCollect.error}`;
  return [{ kind: 'collect', dataset: null, subjects: [], message }];
}

/** A credential failed, and others did not. Runs with the others prove nothing about it. */
function credentialProblems({ lastCollect }: LakeFacts, now: number): Problem[] {
  if (lastCollect === null) return [];
  const ago = span(now - Date.parse(lastCollect.at));
  return lastCollect.credentials.map((line) => ({
    kind: 'credential',
    dataset: null,
    subjects: [],
    message: `the last collect, ${ago} ago: ${line}`,
  }));
}

function datasetProblems(
  dataset: Dataset,
  { datasets: all, names }: LakeFacts,
  { now, config, datasets, isDeployed }: CheckOptions,
): Problem[] {
  if (!isEnabled(dataset, config)) return [];
  const { name, everyMinutes } = dataset;
  const act = isDeployed ? 'check its schedule and the log of its function' : 'run collect';
  const own = all.filter((one) => one.dataset === name && isWanted(dataset, one, config));
  const collected = own.filter(({ lastRun }) => lastRun !== null);
  if (collected.length === 0) {
    const subjects = own.map(({ subject }) => subject);
    const message =
      own.length === 0
        ? `${name}: never collected; ${act}, or disable the dataset in the configuration`
        : `${name}: never collected, no run has ended; ${act}, and see the log`;
    return [{ kind: 'never-collected', dataset: name, subjects, message }];
  }
  const problems: Problem[] = [];
  const add = (kind: ProblemKind, affected: readonly DatasetFacts[], says: () => string) => {
    if (affected.length === 0) return;
    const subjects = affected.map(({ subject }) => subject);
    const where = affected.length === own.length ? '' : ` of ${listed(subjects, names)}`;
    problems.push({ kind, dataset: name, subjects, message: `${name}${where}: ${says()}` });
  };
  const missing = expectedProjects(dataset, all, datasets).filter(
    (one) => isWanted(dataset, one, config) && !collected.some(({ subject }) => subject === one.subject),
  );
  if (missing.length > 0) {
    const subjects = [...new Set(missing.map(({ subject }) => subject))];
    const message = `${name} of ${listed(subjects, names)}: never collected; ${act}`;
    problems.push({ kind: 'never-collected', dataset: name, subjects, message });
  }

  const gone = collected.filter(({ unlistedSince }) => unlistedSince !== null);
  add(
    'disappeared',
    gone,
    () =>
      `Atlas has not listed it since ${minute(earliest(gone, ({ unlistedSince }) => unlistedSince))}; check the access of the credentials, or add it to excludeProjects if it was deleted`,
  );
  const present = collected.filter(({ unlistedSince }) => unlistedSince === null);
  const stopped = present.filter(
    ({ lastRun, hiddenFor }) => now - (lastRun?.startedAt ?? now) > allowedSilence(dataset) + hiddenFor,
  );
  add(
    'stopped',
    stopped,
    () =>
      `no run for ${span(now - earliest(stopped, ({ lastRun }) => lastRun?.startedAt ?? null))}, it is due every ${everyMinutes} min; ${act}, and check what should run it`,
  );
  const running = present.filter((one) => !stopped.includes(one));
  const failed = running.filter(
    ({ lastRun }) => lastRun?.outcome === 'partial' || lastRun?.outcome === 'failed',
  );
  const targets = failed.reduce((sum, { lastRun }) => sum + (lastRun?.failedTargets ?? 0), 0);
  add('failed', failed, () =>
    targets === 0
      ? 'the last run could read nothing; see the log'
      : `${targets === 1 ? '1 target' : `${targets} targets`} could not be collected by the last run; see the log`,
  );
  const limit = allowedLag(dataset, settingsFor(dataset, config).settle ?? 0);
  const behind = running.filter(
    ({ collectedUpTo: upTo, hiddenFor }) => upTo !== null && now - upTo > limit + hiddenFor,
  );
  add('behind', behind, () => {
    const upTo = earliest(behind, (one) => one.collectedUpTo);
    return `collected up to ${minute(upTo)}, which is ${span(now - upTo)} ago, at most ${span(limit + Math.max(...behind.map(({ hiddenFor }) => hiddenFor)))} are normal; ${act}, and see docs/runbook.md#lag`;
  });
  const ahead = own.filter(({ collectedUpTo: to }) => to !== null && to - now > CLOCK_TOLERANCE);
  add('ahead', ahead, () => `collected up to a time in the future; check the clock, then ${act}`);
  const pending = own.filter((one) => one.pending > 0);
  const objects = pending.reduce((sum, one) => sum + one.pending, 0);
  add('pending', pending, () => `${objects} objects of a run that died are pending; ${act}`);
  return problems;
}

/** Returns the clusters of what the configuration enables. */
export function clustersIn(
  { datasets: all }: LakeFacts,
  { datasets, config }: Pick<CheckOptions, 'datasets' | 'config'>,
): ClusterSummary {
  const enabled = datasets.filter((dataset) => isEnabled(dataset, config));
  const own = all.filter((one) =>
    enabled.some((dataset) => dataset.name === one.dataset && isWanted(dataset, one, config)),
  );
  return summarised(own.map((one) => ({ ...one, lastRun: one.lastRun?.startedAt ?? null })));
}

/** A selection of no cluster at all is a mistake. What is unknown is not collected, and no one chose that. */
function clusterProblems(clusters: ClusterSummary): Problem[] {
  const { selected, deselected, unknown } = clusters;
  const problem = (kind: ProblemKind, about: ClusterSummary) =>
    leftOut(about).map((message) => ({ kind, dataset: null, subjects: [], message }));
  const nothing = selected.length === 0 ? deselected : [];
  return [
    ...problem('nothing-selected', { selected: [], deselected: nothing, unknown: 0 }),
    ...problem('unknown-clusters', { selected: [], deselected: [], unknown }),
  ];
}

function contentProblems(facts: LakeFacts, now: number): Problem[] {
  const { gaps, missing, duplicates, secrets, names, unreadable } = facts;
  const about = (kind: ProblemKind, dataset: string | null, message: string, subjects: string[] = []) => ({
    kind,
    dataset,
    subjects,
    message,
  });
  return [
    ...gaps.map(({ dataset, subject, count, from, to }) =>
      about(
        'gap',
        dataset,
        `${dataset} of ${nameAndId(names, subject)}: ${count === 1 ? '1 new gap' : `${count} new gaps`} between ${minute(from)} and ${minute(to)}; the data is lost, see docs/runbook.md#gaps`,
        [subject],
      ),
    ),
    ...missing.map(({ table, day, count, example }) =>
      about(
        'missing',
        table,
        `${table}${day === null ? '' : ` of ${day}`}: ${count === 1 ? '1 object is' : `${count} objects are`} missing, the first is ${example}; restore them from a backup`,
      ),
    ),
    ...unreadable.map((line) => about('unreadable', null, line)),
    ...duplicates.map(({ table, day, rows }) =>
      about(
        'duplicate',
        table,
        `${table} of ${day}: ${rows === 1 ? '1 row is' : `${rows} rows are`} there twice; see docs/runbook.md#duplicates`,
      ),
    ),
    ...secrets
      .filter(({ expiresAt }) => expiresAt - now < SECRET_NOTICE)
      .map(({ owner, expiresAt }) =>
        about(
          'expiring',
          null,
          `a secret of the service account ${JSON.stringify(owner)} ${expiresAt < now ? 'expired' : 'expires'} at ${minute(expiresAt)}; create a new one in Atlas`,
        ),
      ),
  ];
}

/** Returns what other datasets of projects know of their projects, if this is one of them. */
function expectedProjects(
  dataset: Dataset,
  all: readonly DatasetFacts[],
  datasets: readonly Dataset[],
): DatasetFacts[] {
  if (!isOfProjects(dataset)) return [];
  const others = datasets.filter(isOfProjects).map(({ name }) => name);
  return all.filter((one) => others.includes(one.dataset) && one.unlistedSince === null);
}

function isOfProjects({ subjects = ['project'] }: Dataset): boolean {
  return subjects.every((kind) => kind === 'project');
}

/** The configuration selects projects only, so it says nothing about a subject that may be an organisation. */
function isWanted(
  dataset: Dataset,
  { subject }: DatasetFacts,
  { projects, excludeProjects }: CollectorConfig,
): boolean {
  if (excludeProjects.some((id) => id === subject)) return false;
  return projects === undefined || !isOfProjects(dataset) || projects.some((id) => id === subject);
}

function earliest(all: readonly DatasetFacts[], instantOf: (one: DatasetFacts) => number | null): number {
  return Math.min(...all.flatMap((one) => instantOf(one) ?? []), Number.MAX_SAFE_INTEGER);
}

/** How many subjects a line shows. `--json` has all. */
const SHOWN = 2;

function listed(subjects: readonly string[], names: SubjectNames): string {
  const shown = subjects
    .slice(0, SHOWN)
    .map((id) => nameAndId(names, id))
    .join(', ');
  return subjects.length > SHOWN ? `${shown} and ${subjects.length - SHOWN} more` : shown;
}
