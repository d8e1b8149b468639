import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { datasets } from '../../functions/datasets.ts';
import { createAtlasClients, onlyCredential } from '../../shared/atlas/clients.ts';
import type { Clock } from '../../shared/clock.ts';
import { parseConfig } from '../../shared/config.ts';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { clockFrom } from '../clocks.ts';
import { COMMAND } from '../command-name.ts';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { runQuery } from '../duckdb/query.ts';
import { tableText } from '../duckdb/table-format.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { FileLog } from '../file-log.ts';
import { describeLake } from '../lake-description.ts';
import { listPartitions } from '../lake-listing.ts';
import { withLake } from '../lake-session.ts';
import { BUCKET, type LocalAws } from '../local-aws.ts';
import { createLocalCollector } from '../local-collector.ts';
import { startProgress } from '../progress.ts';
import { RunSummaries } from '../run-summary.ts';

/** The time span that is collected tick by tick. The first run of each dataset also collects the history before it. */
const SPAN = 6 * HOUR;

/** The step of simulated time. All datasets tick at multiples of it. */
const STEP = 5 * MINUTE;

/** How the demo collects processes. */
const PROCESSES = { granularity: 'PT5M', backfill: 'PT6H' };

/** The question that the demo answers at its end. */
const QUESTION = {
  text: 'Which disk fills up first, and when?',
  sql: `
    SELECT cluster_name, partition_name AS disk, round(used_percent) AS used_percent,
      round(days_until_full) AS days_until_full, CAST(CAST(full_at AS date) AS varchar) AS full_on
    FROM disk_forecast ORDER BY disk_forecast.full_at LIMIT 5`,
};
/** How the demo collects logs. */
const LOGS = { enabled: true, backfill: 'PT1H' };

/** The file that marks a lake as created by a demo, so that the next demo may replace it. */
const MARKER = '.demo';

/** Collects from a simulated organisation over a few simulated hours, and shows the resulting lake. */
export async function demo({ lake }: { lake: string }): Promise<number> {
  await makeRoom(lake);
  // Every dataset ticks on the hour.
  const end = Math.floor(Date.now() / HOUR) * HOUR;
  // All datasets at once would exceed the rate limits of the largest project, and the demo would wait for minutes.
  const simulator = await startSimulator({ now: end - SPAN, running: true, rateLimits: false });
  try {
    return await withLake(lake, async (aws, folder) => {
      await writeFile(path.join(folder, MARKER), '');
      process.stdout.write(
        `Collecting from a simulated Atlas organisation with ${simulator.organisation.projects.length} projects: ` +
          `first its history, then ${SPAN / HOUR} hours, tick by tick.\n\n`,
      );
      const complete = await collectTicks(simulator, aws, folder, end);
      const bucket = path.join(folder, BUCKET);
      process.stdout.write(`\n${describeLake(bucket, await listPartitions(bucket, lakeTables(datasets)))}\n`);
      process.stdout.write(`\n${QUESTION.text}\n\n${await answer(lake)}\n${nextSteps(lake)}\n`);
      return complete ? EXIT.done : EXIT.incomplete;
    });
  } finally {
    await simulator.close();
  }
}

async function collectTicks(
  simulator: Simulator,
  aws: LocalAws,
  folder: string,
  end: number,
): Promise<boolean> {
  const { clientId, clientSecret } = simulator.credentials;
  const clock: Clock = { now: () => simulator.clock.now(), sleep: clockFrom(0).sleep };
  const log = new FileLog({ file: path.join(folder, '.log') });
  // A day of every process at one minute would take longer than all other datasets together.
  const own = { process_measurements: PROCESSES, host_logs: LOGS, audit_logs: LOGS };
  const config = parseConfig({ datasets: own }, datasets);
  const atlas = createAtlasClients({
    baseUrl: simulator.url,
    credentials: async () => onlyCredential({ kind: 'service-account', clientId, clientSecret }),
    clock,
    random: Math.random,
    reserve: config.rateReserve,
    log,
  });
  const summaries = new RunSummaries();
  const progress = await startProgress('people');
  let complete = true;
  try {
    const collector = await createLocalCollector({
      datasets,
      config,
      aws,
      atlas,
      clock,
      log,
      redactionKey: null,
      onProgress: progress.update,
      onFinished(run) {
        complete &&= run.outcome === 'complete' || run.outcome === 'continued';
        const summary = summaries.add(run);
        progress.finished(summary, run.resume, run.tick === end);
      },
    });
    for (let tick = end - SPAN; tick <= end; tick += STEP) {
      const due = datasets.filter(({ everyMinutes }) => tick % (everyMinutes * MINUTE) === 0);
      const share = (tick - end + SPAN) / SPAN;
      const hour = Math.min(Math.floor((share * SPAN) / HOUR) + 1, SPAN / HOUR);
      progress.step(share === 0 ? 'history' : `hour ${hour} of ${SPAN / HOUR}`, share === 0 ? null : share);
      simulator.clock.set(tick);
      for (const dataset of due) await collector.dispatch(dataset, tick);
      progress.named(collector.names);
      await collector.work(due);
    }
    return complete && collector.crashes.length === 0;
  } finally {
    progress.stop();
    await atlas.close();
  }
}

/** Deletes the lake of an earlier demo. It never deletes another folder. */
async function makeRoom(lake: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(lake);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw new UsageFailure(`cannot use ${lake} as a lake: ${error instanceof Error ? error.message : error}`);
  }
  if (entries.length === 0) return;
  if (!entries.includes(MARKER)) {
    throw new UsageFailure(`${lake} has files that no demo created: choose another folder (--lake DIR)`);
  }
  await rm(lake, { recursive: true });
}

async function answer(lake: string): Promise<string> {
  return withLakeDatabase(lake, async (connection) => {
    const lines: string[] = [];
    for await (const text of tableText(await runQuery(connection, QUESTION.sql), () => {})) lines.push(text);
    return lines.join('');
  });
}

function nextSteps(lake: string): string {
  const steps = [
    ['say whether all is well', `check --lake ${lake}`],
    ['show how far each dataset is collected', `status --lake ${lake}`],
    ['query it with SQL', `query --lake ${lake} "SELECT * FROM disk_forecast"`],
    ['write an HTML report', `report --lake ${lake}`],
    ['collect from your own Atlas', 'collect --help'],
  ];
  return ['Next:', ...steps.flatMap(([what, command]) => [`  # ${what}`, `  ${COMMAND} ${command}`])].join(
    '\n',
  );
}
