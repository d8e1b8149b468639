import { gzipSync } from 'node:zlib';
import { accessLogsDataset } from '../../functions/access-logs/collector.ts';
import type { AtlasSession } from '../../shared/atlas/api.ts';
import { textOf } from '../../shared/atlas/body.ts';
import { ListRemarks } from '../../shared/atlas/items.ts';
import { MAX_ENTRIES } from '../../shared/atlas/operations/access-history.ts';
import { SessionRemarks } from '../../shared/atlas/remarks.ts';
import { accessHistory, readEntries } from '../../shared/atlas/schemas/access-history.ts';
import { HOUR } from '../../shared/durations.ts';
import { SELF } from '../../shared/engine/dataset.ts';
import { isProjectId } from '../../shared/ids.ts';
import type { FinishedFile } from '../../shared/lake/batch-files.ts';
import type { Compression } from '../../shared/lake/compression.ts';
import type { AnyRow, TableRows } from '../../shared/lake/table.ts';
import { shownEntries } from '../../simulator/access-logs.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { T } from '../support/times.ts';
import { allSteps, type Comparison, compare } from './floor.ts';

const organisation = createOrganisation({
  projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, accessLogs: { perHour: 4_000 } }] }],
});

/** Measures the path from response bytes to object for half a day of a host's access history. */
export async function entryThroughput(): Promise<Comparison> {
  const answers = new Map<string, Buffer>();
  const rows: AnyRow[] = [];
  await byCollector(answers, 'gzip', (found) => rows.push(...found.rows));
  return compare(
    () => plainly([...answers.values()], rows),
    (compression) => byCollector(answers, compression),
  );
}

/** Returns the lake's files of this history. */
export function entryFiles(): Promise<FinishedFile[]> {
  return byCollector(new Map(), 'gzip');
}

/** Returns Atlas's answer. */
function answerOf(span: { start: number; end: number }): Buffer {
  const host = organisation.projects[0]?.processes[0];
  if (!host) throw new Error('no host');
  const entries = shownEntries(organisation, host, { ...span, most: MAX_ENTRIES, isWanted: () => true }, T);
  const accessLogs = entries.map(
    ({ second, authResult, authSource, failureReason, ipAddress, username, logLine }) => ({
      authResult,
      authSource,
      failureReason,
      groupId: organisation.projects[0]?.id,
      hostname: host.hostname,
      ipAddress,
      logLine,
      timestamp: new Date(second).toISOString(),
      username,
    }),
  );
  return Buffer.from(JSON.stringify({ accessLogs }));
}

/** Does the minimal work: parses the answers and writes given rows. */
function plainly(bodies: readonly Buffer[], rows: readonly AnyRow[]): void {
  for (const body of bodies) JSON.parse(body.toString());
  gzipSync(rows.map((row) => JSON.stringify(row)).join('\n'));
}

function byCollector(
  answers: Map<string, Buffer>,
  compression: Compression,
  onRows: (rows: TableRows) => void = () => {},
): Promise<FinishedFile[]> {
  const project = organisation.projects.map(({ id }) => id).find(isProjectId);
  const source = organisation.projects[0]?.processes[0]?.hostname;
  if (project === undefined || source === undefined) throw new Error('no host');
  const atlas: Pick<AtlasSession, 'accessHistory'> = {
    async accessHistory(_project, _hostname, span) {
      const key = JSON.stringify(span);
      const body = answers.get(key) ?? answerOf(span);
      answers.set(key, body);
      const list = accessHistory.parse(JSON.parse(await textOf(body, '')));
      return readEntries(list, new ListRemarks('accessHistory', [], new SessionRemarks()));
    },
  };
  return allSteps(
    accessLogsDataset,
    { ...accessLogsDataset.defaults, backfill: 12 * HOUR },
    {
      subject: { kind: 'project', id: project },
      target: { source, name: SELF },
      attributes: { cluster_name: 'c' },
      now: T,
      atlas: atlas as AtlasSession,
      compression,
      onRows,
    },
  );
}
