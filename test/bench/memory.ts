import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createOrganisation, type OrganisationOptions } from '../../simulator/organisation.ts';
import { startSimulator } from '../../simulator/server.ts';
import { runCli } from '../support/run-cli.ts';

const T = Date.parse('2026-03-02T12:00:00Z');
const SECOND = 1_000;

/** Loaded into the child before the command line: says at the end how much memory it has had. */
const REPORTER = pathToFileURL(fileURLToPath(new URL('./report-memory.ts', import.meta.url))).href;

export interface Peak {
  what: string;
  megabytes: number;
}

/** Peak memory of `collect` as a process, with the stand-ins for S3 and SQS that are part of it. */
export async function memory(): Promise<Peak[]> {
  const peaks: Peak[] = [];
  for (const targets of [1, 10, 100]) {
    peaks.push({
      what: `${targets} disks, 12 hours each`,
      megabytes: await peakOf('disk_measurements', 'PT12H', {
        projects: [
          {
            name: 'p',
            clusters: [
              {
                name: 'c',
                nodes: 1,
                disks: Array.from({ length: targets }, (_, number) => `disk${number}`),
              },
            ],
          },
        ],
      }),
    });
  }
  for (const windows of [1, 3, 10]) {
    const from = T - 2 * 3_600_000;
    // 19 entries a second for 1,000 seconds are as many as an answer can have, nearly.
    const bursts = [{ from, to: from + windows * 1_000 * SECOND * 0.5, perSecond: 38 }];
    peaks.push({
      what: `${windows} times 19,000 access log entries`,
      megabytes: await peakOf('access_logs', 'PT3H', {
        projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, accessLogs: { bursts } }] }],
      }),
    });
  }
  return peaks;
}

async function peakOf(dataset: string, backfill: string, shape: OrganisationOptions): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-'));
  const size = { capacity: 15_000, refill: 15_000 };
  const simulator = await startSimulator({
    organisation: createOrganisation(shape),
    now: T,
    rateLimits: { sizes: { monitoring: size, accessLogs: size } },
  });
  try {
    const config = path.join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ datasets: { [dataset]: { backfill } } }));
    const report = path.join(folder, 'memory');
    const { clientId, clientSecret } = simulator.credentials;
    const { code, stderr } = await runCli(
      [
        ...['collect', '--dataset', dataset, '--at', new Date(T).toISOString()],
        ...['--lake', path.join(folder, 'lake'), '--config', config],
      ],
      {
        MONGODB_ATLAS_BASE_URL: simulator.url,
        MONGODB_ATLAS_CLIENT_ID: clientId,
        MONGODB_ATLAS_CLIENT_SECRET: clientSecret,
        NODE_OPTIONS: `--import=${REPORTER} --max-old-space-size=200`,
        MEMORY_REPORT: report,
      },
    );
    if (code !== 0) throw new Error(`collect ended with ${code}: ${stderr}`);
    return Math.round(Number(await readFile(report, 'utf8')) / 1024);
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}
