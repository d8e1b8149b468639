import { randomUUID } from 'node:crypto';
import { createAtlasClients } from '../../shared/atlas/clients.ts';
import { atlasEnvironment } from '../atlas-environment.ts';
import { backfillLake } from '../backfill/backfill-lake.ts';
import { withLakeStore } from '../backfill/lake-store.ts';
import { parsePeriod } from '../backfill/period.ts';
import { isDone, jsonReport, textReport } from '../backfill/report.ts';
import { checkedRedactionKey, datasetNamed, projectIds } from '../chosen.ts';
import { clockFrom } from '../clocks.ts';
import { readConfig } from '../collector-config.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { Interrupted, stopOnInterruption } from '../interruption.ts';
import { startProgress } from '../progress.ts';
import { afterRateLimit } from '../rate-limit-wait.ts';
import { utcTime } from '../times.ts';

export interface BackfillOptions {
  dataset: string;
  from: string;
  to: string;
  project: string[];
  dryRun: boolean;
  lake: string;
  bucket?: string;
  cursorTable?: string;
  config?: string;
  json: boolean;
  quiet: boolean;
}

const WAITS = {
  lease: 'the collector is running: waiting for it',
  turn: 'it is the turn of the collector: waiting',
  'rate limit': "Atlas's rate limit is used up: waiting",
} as const;

/** Reads a past period of a dataset from Atlas again, and writes the rows that the lake lacks. */
export async function backfill(options: BackfillOptions): Promise<number> {
  const dataset = datasetNamed(options.dataset);
  if (dataset.notRepeatable !== undefined) {
    throw new UsageFailure(`${dataset.name} cannot be backfilled: ${dataset.notRepeatable}`);
  }
  const period = parsePeriod(options);
  const only = projectIds(options.project);
  const { config, datasets } = await readConfig(options.config);
  const scheduled = datasets.find(({ name }) => name === dataset.name) ?? dataset;
  const redactionKey = checkedRedactionKey(config);
  const environment = await atlasEnvironment(process.env);
  const clock = clockFrom(Date.now());
  const results = await withLakeStore(options, async (store) => {
    const { log } = store;
    const atlas = createAtlasClients({
      ...environment,
      ...{ clock, log },
      random: Math.random,
      reserve: config.rateReserve,
    });
    const stopping = new AbortController();
    const release = stopOnInterruption(() => {
      process.stderr.write('\n');
      stopping.abort(new Interrupted());
    });
    const progress = await startProgress(options.json || options.quiet ? 'silent' : 'people');
    try {
      const request = {
        ...{ dataset: scheduled, period, only, config, redactionKey, store, atlas, clock },
        isDryRun: options.dryRun,
        newId: randomUUID,
        signal: stopping.signal,
        onProgress: progress.update,
        onDay: progress.step,
        onWait: (why: keyof typeof WAITS, until: number) => {
          if (!options.quiet) process.stderr.write(`${WAITS[why]} until ${utcTime(until)}\n`);
        },
      };
      return await afterRateLimit(clock, () => backfillLake(request));
    } finally {
      progress.stop();
      // A request that was given up may take as long as Atlas likes, and the process ends anyway.
      if (!stopping.signal.aborted) await atlas.close();
      release();
    }
  });
  const done = { dataset: dataset.name, period, dryRun: options.dryRun, results };
  const report = textReport(done);
  if (options.json) process.stdout.write(`${jsonReport(done)}\n`);
  else if (!options.quiet) process.stdout.write(report.done);
  for (const problem of report.problems) process.stderr.write(`${problem}\n`);
  return isDone(results) ? EXIT.done : EXIT.incomplete;
}
