import { DAY } from '../../shared/durations.ts';
import { listParametersAt, RESOURCE_LISTS } from '../../simulator/resources/resources.ts';
import type { Simulator } from '../../simulator/server.ts';
import { type Document, differences, idOf, inLake, isReadDaily, nameOf, sorted } from './inventory-kinds.ts';
import type { LakeRow } from './lake-files.ts';

/**
 * Computes the rows that the table `inventory` must have. It reads the lists with its own client at each tick and compares
 * them. `inventory-kinds.ts` describes the documents.
 */

/** One list: its parent, as its rows have it, and its documents. */
interface Listed {
  kind: string;
  project_id: string | null;
  parent: string | null;
  documents: Document[];
}

/** Every list of the organisation by its path, as Atlas shows it at an instant. */
export type Snapshot = ReadonlyMap<string, Listed>;

export async function snapshotOf(simulator: Simulator, at: number): Promise<Snapshot> {
  simulator.clock.set(at);
  const lists = new Map<string, Listed>();
  const get = await reader(simulator);
  const { organisation } = simulator;
  const add = async (list: Omit<Listed, 'documents'>, path: string, version: string) => {
    lists.set(path, { ...list, documents: await get(path, version) });
  };
  for (const project of [...organisation.projects, undefined]) {
    const owner = { organisation, project };
    const project_id = project?.id ?? null;
    for (const list of RESOURCE_LISTS) {
      if ((list.scope === 'project') !== (project !== undefined)) continue;
      for (const parameters of listParametersAt(list, owner, at)) {
        const values = { groupId: project?.id ?? '', orgId: organisation.id, ...parameters };
        const path = list.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
          encodeURIComponent(Object.entries(values).find(([key]) => key === name)?.[1] ?? ''),
        );
        const query = list.query && `?${list.query.parameter}=${parameters[list.query.placeholder]}`;
        // The last placeholder of a single document names the document itself.
        const above = Object.values(parameters).slice(0, list.path.endsWith('{endpointId}') ? -1 : undefined);
        await add(
          { kind: list.kind, project_id, parent: above.join('/') || null },
          path + (query ?? ''),
          list.version,
        );
      }
    }
    if (project === undefined) continue;
    await add({ kind: 'project', project_id, parent: null }, `/groups/${project.id}`, '2023-01-01');
    await add({ kind: 'cluster', project_id, parent: null }, `/groups/${project.id}/clusters`, '2024-08-05');
    await add({ kind: 'process', project_id, parent: null }, `/groups/${project.id}/processes`, '2023-01-01');
    for (const { id } of project.processes) {
      const path = `/groups/${project.id}/processes/${id}/disks`;
      await add({ kind: 'disk', project_id, parent: id }, path, '2023-01-01');
    }
  }
  return lists;
}

async function reader(simulator: Simulator): Promise<(path: string, version: string) => Promise<Document[]>> {
  const { clientId, clientSecret } = simulator.credentials;
  const answer = await fetch(`${simulator.url}/api/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = Object(await answer.json());
  return async (path, version) => {
    const response = await fetch(`${simulator.url}/api/atlas/v2${path}`, {
      headers: { Authorization: `Bearer ${token}`, Accept: `application/vnd.atlas.${version}+json` },
    });
    const body: unknown = await response.json();
    if (response.status === 400) return [];
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    const { results = body } = Object(body);
    return [results].flat();
  };
}

interface Held {
  document: Document;
  /** Whether the last list lacked the document. */
  missing: boolean;
}

interface Known {
  list: Listed;
  held: Map<string, Held>;
  /** When all documents were last written whole. */
  whole: number;
  /** When the list was last read; null if never. */
  readAt: number | null;
}

/** Returns whether a tick reads a list. One that lacked a document is read again soon, and so is one to write whole. */
function isDue({ list, held, whole, readAt }: Known, at: number): boolean {
  if (readAt === null || !isReadDaily(list.kind)) return true;
  return at - readAt >= DAY || at - whole >= 6 * DAY || [...held.values()].some(({ missing }) => missing);
}

/**
 * Returns the rows of ticks that read these snapshots, in a comparable form. A resource that appears, changes or is missing
 * twice in a row has a row, and after six days each resource is written whole again.
 */
export function expectedInventory(
  orgId: string,
  ticks: readonly { at: number; snapshot: Snapshot }[],
): string[] {
  const rows: string[] = [];
  const known = new Map<string, Known>();
  for (const { at, snapshot } of ticks) {
    for (const [key, list] of snapshot) {
      if (!known.has(key)) known.set(key, { list, held: new Map(), whole: at, readAt: null });
    }
    for (const [key, state] of known) {
      const { list, held } = state;
      if (snapshot.has(key) && !isDue(state, at)) continue;
      state.readAt = at;
      const row = (change: string, document: Document, changed: string[] | null) =>
        rows.push(comparable(list, orgId, change, document, changed, at));
      const documents = snapshot.get(key)?.documents ?? [];
      const again = snapshot.has(key) && at - state.whole >= 6 * DAY;
      if (again) state.whole = at;
      const seen = new Set<string>();
      for (const document of documents) {
        const id = idOf(list.kind, document, list.project_id ?? orgId);
        seen.add(id);
        const before = held.get(id)?.document;
        held.set(id, { document, missing: false });
        const changed = before && differences(list.kind, before, document);
        if (changed === undefined) row('added', document, null);
        else if (changed.length > 0) row('changed', document, changed);
        else if (again) row('snapshot', document, null);
      }
      for (const [id, entry] of held) {
        if (seen.has(id)) continue;
        if (entry.missing) {
          held.delete(id);
          row('removed', entry.document, null);
        } else entry.missing = true;
      }
    }
  }
  return rows;
}

/** Returns a row of the lake in the same form. A run takes some simulated seconds, so only the hour is compared. */
export function comparableRow(row: LakeRow): LakeRow {
  const { content_hash: _, document, changed_fields, ts, ...rest } = row;
  return {
    ...rest,
    hour: String(ts).slice(0, 13),
    changed_fields: typeof changed_fields === 'string' ? JSON.parse(changed_fields) : changed_fields,
    document: typeof document === 'string' ? sorted(JSON.parse(document)) : document,
  };
}

function comparable(
  { kind, project_id, parent }: Listed,
  org_id: string,
  change: string,
  document: Document,
  changed_fields: string[] | null,
  at: number,
): string {
  return JSON.stringify({
    project_id,
    org_id,
    resource_type: kind,
    parent,
    resource_id: idOf(kind, document, project_id ?? org_id),
    name: nameOf(kind, document),
    change,
    hour: new Date(at).toISOString().replace('T', ' ').slice(0, 13),
    changed_fields,
    document: change === 'removed' ? null : inLake(kind, document),
  });
}
