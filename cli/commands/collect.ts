import path from 'node:path';
import { datasets } from '../../functions/datasets.ts';
import type { Dispatched } from '../../functions/dispatch/dispatch.ts';
import { LakeLockedError } from '../../local-aws/lock.ts';
import { type AtlasClients, createAtlasClients } from '../../shared/atlas/clients.ts';
import type { Clock } from '../../shared/clock.ts';
import { type CollectorConfig, isEnabled } from '../../shared/config.ts';
import { MINUTE } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { atlasEnvironment } from '../atlas-environment.ts';
import { checkedRedactionKey, datasetNamed, projectIds } from '../chosen.ts';
import { clockFrom } from '../clocks.ts';
import { cannotRead, failedCredential, type Missing, reportCollection } from '../collection-report.ts';
import { readConfig } from '../collector-config.ts';
import { explain } from '../explain.ts';
import { UsageFailure } from '../failure.ts';
import { FileLog } from '../file-log.ts';
import { lakeExists, withLake } from '../lake-session.ts';
import { storeLastCollect } from '../last-collect.ts';
import { createLocalCollector } from '../local-collector.ts';
import { startProgress } from '../progress.ts';
import { afterRateLimit, dispatchAfterRateLimit } from '../rate-limit-wait.ts';
import { RunSummaries } from '../run-summary.ts';
import { iso, parseInstant } from '../times.ts';

export interface CollectOptions {
  dataset: string[];
  project: string[];
  at?: string;
  lake: string;
  config?: string;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
}

/**
 * Collects one tick of every dataset for every project from the Atlas that the environment configures. Stores how it
 * ended, for `check`: a refused credential leaves no other trace in the lake.
 */
export async function collect(options: CollectOptions): Promise<number> {
  const at = iso(Date.now());
  const store = async (error: string | null, credentials: string[] = []) => {
    if (await lakeExists(options.lake)) await storeLastCollect(options.lake, { at, error, credentials });
  };
  try {
    const { code, failed } = await collectTick(options);
    await store(null, failed);
    return code;
  } catch (error) {
    // Another collection is running, which stores how it ends.
    if (!(error instanceof LakeLockedError)) await store(explain(error).message.replace(/^atlas-lake: /, ''));
    throw error;
  }
}

/** Returns the exit status, and one line for each credential that could not list its projects while others could. */
async function collectTick(options: CollectOptions): Promise<{ code: number; failed: string[] }> {
  const chosen = chosenDatasets(options.dataset);
  const config = await chosenConfig(options);
  const environment = await atlasEnvironment(process.env);
  const key = checkedRedactionKey(config);
  const start = options.at === undefined ? Date.now() : parseInstant('--at', options.at);
  const clock = clockFrom(start);
  return withLake(options.lake, async (aws, folder) => {
    const log = new FileLog(
      options.verbose ? { stream: process.stderr } : { file: path.join(folder, '.log') },
    );
    const atlas = createAtlasClients({
      ...environment,
      clock,
      random: Math.random,
      reserve: config.rateReserve,
      log,
    });
    const summaries = new RunSummaries();
    const progress = await startProgress(options.json || options.quiet ? 'silent' : 'people');
    let sent = 0;
    try {
      const collector = await createLocalCollector({
        datasets,
        config,
        aws,
        atlas,
        clock,
        log,
        redactionKey: key,
        onProgress: progress.update,
        onFinished(run) {
          progress.finished(summaries.add(run), run.resume);
          progress.step(...stepOf(summaries, sent));
        },
      });
      const due = chosen.filter((dataset) => isEnabled(dataset, config));
      const tick = await afterRateLimit(clock, () => tickFrom(options.at, start, atlas, clock));
      const patiently = dispatchAfterRateLimit(clock);
      const missing = await dispatchAll(due, async (dataset) => {
        const dispatched = await patiently(() => collector.dispatch(dataset, tick));
        progress.named(collector.names);
        sent += countOf(dispatched);
        return dispatched;
      });
      progress.step(...stepOf(summaries, sent));
      await collector.work(due);
      progress.stop();
      const code = reportCollection(options, {
        folder,
        tick,
        missing,
        summaries,
        names: collector.names,
        crashes: collector.crashes,
      });
      return { code, failed: [...missing.failed.values()].map(failedCredential) };
    } finally {
      progress.stop();
      await atlas.close();
    }
  });
}

/** Maximum wait for Atlas's time, ms. */
const TIME_PATIENCE = MINUTE;

/**
 * Returns the time of the tick: `--at`, or now. It is never later than Atlas's clock.
 * @throws {UsageFailure} when `--at` is in the future
 */
async function tickFrom(
  at: string | undefined,
  start: number,
  atlas: AtlasClients,
  clock: Clock,
): Promise<number> {
  const deadline = clock.now() + TIME_PATIENCE;
  const sessions = (await atlas.names()).map((name) => atlas.of(name).session({ deadline }));
  await Promise.all(sessions.map((session) => session.learnTime()));
  const times = sessions.flatMap((session) => session.latest() ?? []);
  const latest = Math.max(...times);
  if (times.length === 0 || start <= latest) return start;
  if (at === undefined) return Math.min(...sessions.map((session) => session.now()));
  throw new UsageFailure(
    `--at ${JSON.stringify(at)} is later than Atlas's clock, which shows ${new Date(latest).toISOString()}: choose an earlier time`,
  );
}

/** Returns the number of runs that a dispatch starts. */
function countOf({ projects, organisations, unlisted }: Dispatched): number {
  return projects.length + organisations.length + unlisted.length;
}

/** Returns the name of the current step and the share of the runs that have ended. */
function stepOf(summaries: RunSummaries, sent: number): [string, number] {
  const ended = summaries.list().filter(({ outcome }) => outcome !== 'continued').length;
  return [`run ${Math.min(ended + 1, sent)} of ${sent}`, sent === 0 ? 0 : ended / sent];
}

/** @throws {UsageFailure} when no project can be read; no data has been written then */
async function dispatchAll(
  due: readonly Dataset[],
  dispatch: (dataset: Dataset) => Promise<Dispatched>,
): Promise<Missing> {
  const missing: Missing = {
    unreadable: new Set(),
    unlisted: new Map(),
    orphaned: new Map(),
    failed: new Map(),
    unreadableItems: 0,
  };
  let sent = 0;
  for (const dataset of due) {
    const dispatched = await dispatch(dataset);
    const { unreadable, unlisted, unreadableItems } = dispatched;
    sent += countOf(dispatched);
    for (const id of unreadable) missing.unreadable.add(id);
    for (const one of unlisted) missing.unlisted.set(one.subject.id, one);
    for (const one of dispatched.orphaned) missing.orphaned.set(one.subject.id, one);
    for (const one of dispatched.failed) missing.failed.set(one.credential, one);
    missing.unreadableItems = Math.max(missing.unreadableItems, unreadableItems);
  }
  if (sent === 0 && missing.unreadable.size > 0) throw new UsageFailure(cannotRead(missing.unreadable));
  return missing;
}

function chosenDatasets(names: readonly string[]): readonly Dataset[] {
  for (const name of names) datasetNamed(name);
  return names.length === 0 ? datasets : datasets.filter(({ name }) => names.includes(name));
}

/** Returns the configuration with what the options choose. Naming a dataset enables it, unless the file disables it. */
async function chosenConfig({ config: file, project, dataset }: CollectOptions): Promise<CollectorConfig> {
  const { config: read } = await readConfig(file);
  const named = dataset.map((name) => [name, { enabled: true, ...read.datasets[name] }] as const);
  const config = { ...read, datasets: { ...read.datasets, ...Object.fromEntries(named) } };
  if (project.length === 0) return config;
  return { ...config, projects: projectIds(project) };
}
