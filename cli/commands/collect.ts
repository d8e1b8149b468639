import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { datasets } from '../../functions/datasets.ts';
import { createAtlasClient } from '../../shared/atlas/client.ts';
import { untrustedText } from '../../shared/atlas/untrusted-text.ts';
import type { Dataset } from '../../shared/collection/dataset.ts';
import { lakeTables } from '../../shared/collection/tables.ts';
import { type CollectorConfig, ConfigError, isEnabled, parseConfig } from '../../shared/config.ts';
import { NewerStateError } from '../../shared/cursors/versions.ts';
import { isProjectId } from '../../shared/ids.ts';
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
  const tick = options.at === undefined ? Date.now() : parseInstant(options.at);
  const clock = clockFrom(tick);
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
      const unreadable = await dispatchAll(collector, due, tick);
      await collector.work(due);
      const { crashes } = collector;
      return report({ options, folder, tick, summaries, progress, crashes, unreadable });
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

/**
 * Nothing has been written yet: a project that cannot be read ends the command here.
 *
 * @returns how many items of the list of projects cannot be read
 */
async function dispatchAll(
  collector: LocalCollector,
  due: readonly Dataset[],
  tick: number,
): Promise<number> {
  let most = 0;
  for (const dataset of due) {
    const { unreadable, unreadableItems } = await collector.dispatch(dataset, tick);
    if (unreadable.length > 0) {
      throw new UsageFailure(
        `the credential cannot read project ${unreadable.join(', ')}: check the id, and the access of the service account or API key`,
      );
    }
    most = Math.max(most, unreadableItems);
  }
  return most;
}

function report(about: {
  options: CollectOptions;
  folder: string;
  tick: number;
  summaries: RunSummaries;
  progress: Progress;
  crashes: readonly unknown[];
  unreadable: number;
}): number {
  const { options, folder, tick, summaries, progress, crashes, unreadable } = about;
  const complete = summaries.complete && crashes.length === 0 && unreadable === 0;
  progress.stop();
  if (options.json) {
    const summary = { tick: new Date(tick).toISOString(), lake: folder, complete, runs: summaries.list() };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
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
  if (unreadable > 0) {
    process.stderr.write(
      `the list of projects: ${unreadable} items cannot be read; details are in the log\n`,
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

function chosenDatasets(names: readonly string[]): readonly Dataset[] {
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
