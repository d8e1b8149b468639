import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { datasets } from '../../functions/datasets.ts';
import type { UnlistedUnit } from '../../functions/dispatch/units.ts';
import type { AtlasClient } from '../../shared/atlas/api.ts';
import { createAtlasClient } from '../../shared/atlas/client.ts';
import { untrustedText } from '../../shared/atlas/untrusted-text.ts';
import type { Clock } from '../../shared/clock.ts';
import { type CollectorConfig, ConfigError, isEnabled, parseConfig } from '../../shared/config.ts';
import { NewerStateError } from '../../shared/cursors/versions.ts';
import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { isProjectId, type ProjectId } from '../../shared/ids.ts';
import { needsKey } from '../../shared/lake/redaction.ts';
import { atlasEnvironment, redactionKey } from '../atlas-environment.ts';
import { clockFrom } from '../clocks.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { FileLog } from '../file-log.ts';
import { withLake } from '../lake-session.ts';
import { createLocalCollector, type LocalCollector } from '../local-collector.ts';
import { type Progress, startProgress } from '../progress.ts';
import { RunSummaries } from '../run-summary.ts';

export interface CollectOptions {
  dataset: string[];
  project: string[];
  at?: string;
  lake: string;
  config?: string;
  json: boolean;
  verbose: boolean;
}

/** One tick of every dataset for every project, against the Atlas that the environment names. */
export async function collect(options: CollectOptions): Promise<number> {
  const chosen = chosenDatasets(options.dataset);
  const config = await readConfig(options);
  const environment = atlasEnvironment(process.env);
  const key = checkedRedactionKey(config);
  const start = options.at === undefined ? Date.now() : parseInstant(options.at);
  const clock = clockFrom(start);
  return withLake(options.lake, async (aws, folder) => {
    const log = new FileLog(
      options.verbose ? { stream: process.stderr } : { file: path.join(folder, '.log') },
    );
    const atlas = createAtlasClient({
      ...environment,
      credentials: async () => environment.credentials,
      clock,
      random: Math.random,
      reserve: config.rateReserve,
      log,
    });
    const summaries = new RunSummaries();
    const progress = startProgress(options.json ? 'silent' : 'people');
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
        onFinished: (run) => progress.finished(summaries.add(run), run.continueAt),
      });
      const due = chosen.filter((dataset) => isEnabled(dataset, config));
      const tick = await tickFrom(options.at, start, atlas, clock);
      const missing = await dispatchAll(collector, due, tick);
      await collector.work(due);
      return report({ options, folder, tick, missing, summaries, progress, crashes: collector.crashes });
    } finally {
      progress.stop();
      await atlas.close();
    }
  });
}

/** @throws {UsageFailure} when hashes are asked for, and there is nothing to key them with */
function checkedRedactionKey({ redact }: CollectorConfig): string | null {
  const key = redactionKey(process.env);
  if (key !== null || !needsKey(redact, lakeTables(datasets))) return key;
  throw new UsageFailure(
    'the configuration withholds values by a keyed hash: set ATLAS_LAKE_REDACTION_KEY to a secret of your own',
  );
}

/** How long Atlas is given to say what time it is. */
const TIME_PATIENCE = 60_000;

/**
 * The time that the command is about: what `--at` says, or now; never later than Atlas's clock shows.
 * @throws {UsageFailure} when `--at` is in the future
 */
async function tickFrom(
  at: string | undefined,
  start: number,
  atlas: AtlasClient,
  clock: Clock,
): Promise<number> {
  const session = atlas.session({ deadline: clock.now() + TIME_PATIENCE });
  await session.learnTime();
  const latest = session.latest();
  if (latest === undefined || start <= latest) return start;
  if (at === undefined) return session.now();
  throw new UsageFailure(
    `--at ${JSON.stringify(at)} is later than Atlas's clock, which shows ${new Date(latest).toISOString()}: nothing can be collected from the future`,
  );
}

/** What could not be dispatched to, by what is to be said about it. */
interface Missing {
  unreadable: Set<ProjectId>;
  unlisted: Map<ProjectId, UnlistedUnit>;
  /** Items of the list of projects that cannot be read. */
  unreadableItems: number;
}

/** @throws {UsageFailure} when nothing at all can be collected; nothing has been written then */
async function dispatchAll(
  collector: LocalCollector,
  due: readonly DeclaredDataset[],
  tick: number,
): Promise<Missing> {
  const missing: Missing = { unreadable: new Set(), unlisted: new Map(), unreadableItems: 0 };
  let sent = 0;
  for (const dataset of due) {
    const { projects, organisations, unreadable, unlisted, unreadableItems } = await collector.dispatch(
      dataset,
      tick,
    );
    sent += projects.length + organisations.length + unlisted.length;
    for (const id of unreadable) missing.unreadable.add(id);
    for (const unit of unlisted) missing.unlisted.set(unit.id, unit);
    missing.unreadableItems = Math.max(missing.unreadableItems, unreadableItems);
  }
  if (sent === 0 && missing.unreadable.size > 0) throw new UsageFailure(cannotRead(missing.unreadable));
  return missing;
}

function cannotRead(projects: Iterable<ProjectId>): string {
  return `the credential cannot read project ${[...projects].join(', ')}: check the id, and the access of the service account or API key`;
}

function report(about: {
  options: CollectOptions;
  folder: string;
  tick: number;
  missing: Missing;
  summaries: RunSummaries;
  progress: Progress;
  crashes: readonly unknown[];
}): number {
  const { options, folder, tick, missing, summaries, progress, crashes } = about;
  const isAllThere =
    missing.unreadable.size === 0 && missing.unlisted.size === 0 && missing.unreadableItems === 0;
  const complete = summaries.complete && crashes.length === 0 && isAllThere;
  progress.stop();
  if (options.json) {
    const summary = {
      tick: new Date(tick).toISOString(),
      lake: folder,
      complete,
      runs: summaries.list(),
      unreadable: [...missing.unreadable],
      unlisted: [...missing.unlisted.values()].map(({ unit, id, since }) => ({
        unit,
        id,
        since: new Date(since).toISOString(),
      })),
    };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  }
  if (missing.unreadable.size > 0) process.stderr.write(`${cannotRead(missing.unreadable)}\n`);
  for (const { unit, id, since } of missing.unlisted.values()) {
    process.stderr.write(
      `${unit} ${id} is not in Atlas's list since ${new Date(since).toISOString()}: check the access of the service account or API key; if it is gone for good, leave it out with excludeProjects\n`,
    );
  }
  for (const { dataset, project, failures } of summaries.list()) {
    for (const { target, error } of failures) {
      process.stderr.write(`${dataset} of ${project}: ${untrustedText(target)}: ${error}\n`);
    }
  }
  for (const { dataset, project, unreadableItems } of summaries.list()) {
    if (unreadableItems === 0) continue;
    process.stderr.write(
      `${dataset} of ${project}: ${unreadableItems} items of Atlas's lists cannot be read; details are in the log\n`,
    );
  }
  if (missing.unreadableItems > 0) {
    process.stderr.write(
      `the list of projects: ${missing.unreadableItems} items cannot be read; details are in the log\n`,
    );
  }
  for (const { dataset, project, remaining } of summaries.list()) {
    if (remaining === 0) continue;
    process.stderr.write(
      `${dataset} of ${project}: ${remaining} targets are behind; run collect again to go on\n`,
    );
  }
  for (const crash of crashes) {
    if (crash instanceof NewerStateError) {
      process.stderr.write(`${crash.message}\n`);
      continue;
    }
    const where = options.verbose ? 'above' : path.join(folder, '.log');
    process.stderr.write(
      `a run crashed: ${crash instanceof Error ? crash.message : crash}; details are in the log ${where}\n`,
    );
  }
  return complete ? EXIT.done : EXIT.incomplete;
}

function chosenDatasets(names: readonly string[]): readonly DeclaredDataset[] {
  for (const name of names) {
    if (datasets.some((dataset) => dataset.name === name)) continue;
    const known = datasets.map((dataset) => dataset.name).join(', ');
    throw new UsageFailure(`there is no dataset ${JSON.stringify(name)}; there are ${known}`);
  }
  return names.length === 0 ? datasets : datasets.filter(({ name }) => names.includes(name));
}

async function readConfig({ config: file, project }: CollectOptions): Promise<CollectorConfig> {
  const config = file === undefined ? parseConfig({}, datasets) : await readConfigFile(file);
  if (project.length === 0) return config;
  const wrong = project.find((id) => !isProjectId(id));
  if (wrong !== undefined) {
    throw new UsageFailure(
      `${JSON.stringify(wrong)} is not a project id: 24 hexadecimal digits, as Atlas shows it in the project's settings`,
    );
  }
  return { ...config, projects: project.filter(isProjectId) };
}

async function readConfigFile(file: string): Promise<CollectorConfig> {
  try {
    return parseConfig(JSON.parse(await readFile(file, 'utf8')), datasets);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageFailure(`${file}: ${error.message}`);
    if (error instanceof SyntaxError) throw new UsageFailure(`${file} is not JSON: ${error.message}`);
    throw new UsageFailure(
      `cannot read the configuration ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** A time without a zone is UTC, wherever the machine is. */
function parseInstant(text: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const instant = match ? Date.parse(match[1] && !match[2] ? `${text}Z` : text) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  throw new UsageFailure(`--at ${JSON.stringify(text)} is not an ISO 8601 time such as 2026-11-24T12:00:00Z`);
}
