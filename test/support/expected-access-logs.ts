import { createHash } from 'node:crypto';
import { type SettledEntry, settledEntries } from '../../simulator/access-logs.ts';
import type { Organisation, Process } from '../../simulator/organisation.ts';
import { identity } from './expected-rows.ts';

/** What the lake must hold of access logs, by the simulator's arithmetic alone. */

/** One process for each host of the organisation's first project. */
export function hostsOf(organisation: Organisation): Process[] {
  const hosts = new Map(
    (organisation.projects[0]?.processes ?? []).map((process) => [process.hostname, process]),
  );
  return [...hosts.values()];
}

/**
 * The rows of a host's entries with a second in [from, to), as far as they can be read at an instant; equal lines are one
 * entry.
 */
export function expectedEntries(
  organisation: Organisation,
  host: Process,
  from: number,
  to: number,
  readAt = Number.POSITIVE_INFINITY,
): string[] {
  const project = organisation.projects[0]?.id ?? '';
  const rows = new Map<string, string>();
  for (const entry of settledEntries(organisation, project, host.hostname, from, to)) {
    if (entry.visibleFrom > readAt) continue;
    const id = recordId(host.hostname, entry);
    if (!rows.has(id)) rows.set(id, rowOf(project, host, entry, id));
  }
  return [...rows.values()];
}

function recordId(hostname: string, entry: SettledEntry): string {
  const fields = [
    entry.second,
    entry.authResult,
    entry.authSource,
    entry.failureReason,
    entry.ipAddress,
    entry.username,
  ];
  const what = entry.logLine === null ? [hostname, null, ...fields] : [hostname, entry.logLine];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
}

function rowOf(project: string, host: Process, entry: SettledEntry, id: string): string {
  const { content } = entry;
  return identity({
    project_id: project,
    cluster_name: host.clusterName,
    hostname: host.hostname,
    ts: new Date(content ? entry.time : entry.second).toISOString().replace('T', ' ').replace('Z', ''),
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
