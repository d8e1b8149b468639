import { createHash } from 'node:crypto';
import { type SettledEntry, settledEntries } from '../../simulator/access-logs.ts';
import type { Organisation, Process } from '../../simulator/organisation.ts';
import { identity } from './expected-rows.ts';
import { lakeTime } from './times.ts';

/** Computes the access log rows that the lake must have, from the simulator's arithmetic alone. */

/** A host, represented by one of its processes. */
export interface Host {
  project: string;
  process: Process;
}

/** Returns every host of an organisation, once. */
export function hostsOf(organisation: Organisation): Host[] {
  const hosts = organisation.projects.flatMap(({ id, processes }) =>
    processes.map((process): [string, Host] => [process.hostname, { project: id, process }]),
  );
  return [...new Map(hosts).values()];
}

/**
 * Returns the rows of a host's entries in [from, to) that are visible at an instant. Equal lines count as one entry.
 */
export function expectedEntries(
  organisation: Organisation,
  { project, process }: Host,
  from: number,
  to: number,
  readAt = Number.POSITIVE_INFINITY,
): string[] {
  const rows = new Map<string, string>();
  for (const entry of settledEntries(organisation, project, process.hostname, from, to)) {
    if (entry.visibleFrom > readAt) continue;
    const id = recordId(process.hostname, entry);
    if (!rows.has(id)) rows.set(id, expectedEntry({ project, process }, entry, id));
  }
  return [...rows.values()];
}

/** Returns the record id of an entry on a host. */
export function recordId(hostname: string, entry: SettledEntry): string {
  const fields = [
    entry.second,
    entry.authResult,
    entry.authSource,
    entry.failureReason,
    entry.ipAddress,
    entry.username,
  ];
  const what =
    entry.logLine === null ? JSON.stringify([hostname, ...fields]) : JSON.stringify(hostname) + entry.logLine;
  return createHash('sha256').update(what).digest('hex').slice(0, 32);
}

/** Returns the row of an entry of a host. */
export function expectedEntry({ project, process }: Host, entry: SettledEntry, id: string): string {
  const { content } = entry;
  return identity({
    project_id: project,
    cluster_name: process.clusterName,
    hostname: process.hostname,
    ts: lakeTime(content ? entry.time : entry.second),
    auth_result: entry.authResult,
    auth_source: entry.authSource,
    username: entry.username,
    ip_address: entry.ipAddress,
    failure_reason: entry.failureReason,
    mechanism: content?.mechanism ?? null,
    app_name: content?.application ?? null,
    driver_name: content?.driver?.name ?? null,
    driver_version: content?.driver?.version ?? null,
    log_line: entry.logLine,
    record_id: id,
  });
}
