import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BUCKET, type LocalAws, startLocalAws } from '../../../cli/local-aws.ts';
import { costUsageDataset } from '../../../functions/cost-usage/collector.ts';
import type { AtlasSession, Project } from '../../../shared/atlas/api.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { DAY, MINUTE } from '../../../shared/durations.ts';
import { runDataset } from '../../../shared/engine/run.ts';
import type { FinishedRun } from '../../../shared/engine/run-result.ts';
import { isOrganisationId, isProjectId } from '../../../shared/ids.ts';
import { Redactor } from '../../../shared/lake/redaction.ts';
import { tableRows } from '../../support/lake-files.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const START = Date.parse('2026-03-12T12:00:00Z');
const MONTH = Date.parse('2026-03-01T00:00:00Z');
const FUNCTION_TIME = 5 * MINUTE;

const ORGANISATION = 'f'.repeat(24);

let folder: string;
let aws: LocalAws;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  aws = await startLocalAws(folder);
});
afterEach(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts an organisation of projects with one cluster each; each request takes the given number of ms. */
function createAtlas(size: number, request: number) {
  if (!isOrganisationId(ORGANISATION)) throw new Error('not an organisation');
  const projects = Array.from({ length: size }, (_, number): Project => {
    const id = number.toString(16).padStart(24, '0');
    if (!isProjectId(id)) throw new Error('not a project');
    return { id, name: id, organisation: ORGANISATION };
  });
  const clock = { time: START, now: () => clock.time, sleep: async () => {} };
  const spend = () => {
    clock.time += request;
  };
  const asked = { lists: 0, costs: 0 };
  const session: Partial<AtlasSession> = {
    listProjects: async () => wholeListing(projects),
    async listClusters(project) {
      spend();
      asked.lists += 1;
      return wholeListing([
        { id: project.replace(/^0/, 'c'), name: 'c', hosts: [], instanceSize: null, tags: [] },
      ]);
    },
    async costUsage() {
      spend();
      asked.costs += 1;
      const details = [{ service: 'Clusters', usageDate: MONTH, usageAmount: 12.5 }];
      return { details, unreadable: [], hasUnknown: false };
    },
    learnTime: async () => null,
    now: () => clock.now(),
    latest: () => undefined,
    traffic: { requests: 0, throttled: 0 },
    remarks: { notes: new Set(), unreadableItems: 0, nullValues: 0, leftOut() {} },
  };
  return { clock, asked, session: session as AtlasSession };
}

/** Runs a tick with the continuations that its runs request. */
async function tick(at: number, { clock, session }: ReturnType<typeof createAtlas>): Promise<FinishedRun[]> {
  if (!isOrganisationId(ORGANISATION)) throw new Error('not an organisation');
  clock.time = Math.max(clock.time, at);
  const runs: FinishedRun[] = [];
  for (let run = 0; run <= 20; run += 1) {
    const result = await runDataset(
      {
        subject: { kind: 'organisation', id: ORGANISATION },
        continuation: run,
        tick: at,
        unlistedSince: null,
        credential: null,
        deadline: clock.now() + FUNCTION_TIME,
      },
      {
        dataset: costUsageDataset,
        settings: { backfill: DAY },
        clusters: null,
        atlas: { session: () => session, now: () => clock.now(), close: async () => {} },
        cursors: aws.cursors,
        lake: aws.lake,
        redactor: new Redactor({}, null),
        compression: 'gzip',
        clock,
        newId: () => `${at}/${run}`,
        breakLease: false,
        onProgress: () => {},
      },
    );
    if (result.outcome === 'held') throw new Error('no other run holds the lease');
    runs.push(result);
    if (result.resume.kind === 'next-tick') break;
  }
  return runs;
}

// Listing the clusters alone takes longer than one run has.
describe.each([
  [900, 450],
  [5_000, 100],
])('an organisation of %i projects', (size, request) => {
  test('gets each of its costs once, and continues where a run ended', { timeout: 5 * MINUTE }, async () => {
    const atlas = createAtlas(size, request);
    const runs: FinishedRun[] = [];
    for (let ticks = 0; ticks < 4 && runs.at(-1)?.outcome !== 'complete'; ticks += 1)
      runs.push(...(await tick(START + (ticks * DAY) / 4, atlas)));
    expect(runs[0]?.rows).toBeGreaterThan(0);
    expect(runs.at(-1)?.outcome).toBe('complete');
    const rows = await tableRows(path.join(folder, BUCKET), 'cost_usage');
    expect(rows).toHaveLength(1 + 2 * size);
    const keys = new Set(rows.map((row) => `${row['level']}/${row['project_id']}/${row['cluster_id']}`));
    expect(keys.size).toBe(rows.length);
  });
});
