import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DAY } from '../../shared/durations.ts';
import { listParametersAt, RESOURCE_LISTS } from '../../simulator/resources/resources.ts';
import type { Simulator } from '../../simulator/server.ts';
import type { LakeRow } from './lake-files.ts';

/**
 * Computes the rows that the table `inventory` must have. It reads the lists with its own client at each tick and compares
 * them. It has its own description of documents instead of the catalogue's.
 */

export type Document = Record<string, unknown>;

/** The fields of a kind of document: its id if that is not `id`, its name, and the ignored fields. */
interface Kind {
  /** A field, or how to tell the id from the document and its project or organisation. */
  id?: string | ((document: Document, owner: string) => string);
  name?: string;
  /** Fields that are not in the lake. */
  secret?: readonly string[];
  /** Fields that are in the lake, but whose change is not reported. */
  restless?: readonly string[];
  /** Whether its lists are read once a day. */
  daily?: boolean;
}

const ofOwner = (_: Document, owner: string) => owner;
const hashOf = (id: string) => createHash('sha256').update(id).digest('hex').slice(0, 24);

const KINDS: Readonly<Record<string, Kind>> = {
  project: { name: 'name' },
  project_user: {
    name: 'username',
    secret: ['firstName', 'lastName', 'mobileNumber'],
    restless: ['lastAuth'],
  },
  project_service_account: {
    id: 'clientId',
    name: 'name',
    secret: ['secrets.maskedSecretValue'],
    restless: ['secrets.lastUsedAt'],
  },
  organization_service_account: {
    id: 'clientId',
    name: 'name',
    secret: ['secrets.maskedSecretValue'],
    restless: ['secrets.lastUsedAt'],
  },
  custom_db_role: { id: 'roleName' },
  database_user: {
    // The name of a user is in no id.
    id: ({ databaseName, username }) => hashOf(`${databaseName}/${username}`),
    name: 'username',
  },
  project_api_key: { name: 'desc', secret: ['privateKey'] },
  organization_api_key: { name: 'desc', secret: ['privateKey'] },
  organization_user: {
    name: 'username',
    secret: ['firstName', 'lastName', 'mobileNumber'],
    restless: ['lastAuth'],
  },
  access_list_entry: {
    id: ({ cidrBlock, awsSecurityGroup }) => String(cidrBlock ?? awsSecurityGroup),
    name: 'comment',
  },
  auditing: { id: ofOwner, daily: true },
  encryption_at_rest: {
    id: ofOwner,
    secret: [
      'awsKms.accessKeyID',
      'azureKeyVault.clientID',
      'azureKeyVault.subscriptionID',
      'azureKeyVault.tenantID',
    ],
    daily: true,
  },
  maintenance_window: { id: ofOwner, daily: true },
  search_index: { id: 'indexID', name: 'name', restless: ['statusDetail'], daily: true },
  online_archive: { id: '_id', daily: true },
  backup_schedule: { id: 'clusterId', name: 'clusterName', restless: ['nextSnapshot'] },
  backup_snapshot: { restless: ['storageSizeBytes'] },
  sharded_backup_snapshot: { restless: ['storageSizeBytes'] },
  invoice: { restless: ['updated'], daily: true },
  cluster: { name: 'name' },
  process: { name: 'userAlias', restless: ['lastPing'] },
  disk: { id: 'partitionName' },
  private_endpoint: { id: 'interfaceEndpointId' },
  data_federation_private_endpoint: { id: 'endpointId' },
  serverless_instance: { name: 'name' },
  serverless_restore_job: { secret: ['deliveryUrl'] },
  serverless_private_endpoint: { id: '_id' },
  flex_cluster: { name: 'name' },
  flex_restore_job: { secret: ['snapshotUrl'] },
  stream_instance: { id: '_id', name: 'name' },
  stream_connection: { id: 'name' },
  migration_validation: { id: '_id' },
  sample_dataset_load: { id: '_id' },
  organization: { name: 'name' },
  federation_role_mapping: { name: 'externalGroupName' },
};

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
  const { name } = KINDS[kind] ?? {};
  return JSON.stringify({
    project_id,
    org_id,
    resource_type: kind,
    parent,
    resource_id: idOf(kind, document, project_id ?? org_id),
    name: name === undefined ? null : document[name],
    change,
    hour: new Date(at).toISOString().replace('T', ' ').slice(0, 13),
    changed_fields,
    document: change === 'removed' ? null : inLake(kind, document),
  });
}

/** Returns a document as the lake has it, with sorted fields. */
export function inLake(kind: string, document: Document): unknown {
  return sorted(without(document, KINDS[kind]?.secret ?? []));
}

/** Returns the id of a document among those of its kind. `owner` is its project or organisation. */
export function idOf(kind: string, document: Document, owner: string): string {
  const { id = 'id' } = KINDS[kind] ?? {};
  return typeof id === 'string' ? String(document[id]) : id(document, owner);
}

/** Returns how long a list of a kind may stay unread: it is due at the first tick after that. */
export function isReadDaily(kind: string): boolean {
  return KINDS[kind]?.daily ?? false;
}

/** Returns the top-level fields in which two documents differ, without the ignored ones. */
export function differences(kind: string, before: Document, after: Document): string[] {
  const { secret = [], restless = [] } = KINDS[kind] ?? {};
  const [old, current] = [before, after].map((document) => without(document, [...secret, ...restless]));
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(current ?? {})]);
  return [...names].filter((name) => !isDeepStrictEqual(old?.[name], current?.[name])).sort();
}

/** Returns a document without some fields, and without the links that every document has. */
function without(document: Document, paths: readonly string[]): Document {
  const kept = Object.entries(document).filter(([name]) => name !== 'links' && !paths.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => {
      const below = paths
        .filter((path) => path.startsWith(`${name}.`))
        .map((path) => path.slice(name.length + 1));
      const cut = (part: unknown): unknown => (isDocument(part) ? without(part, below) : part);
      return [name, Array.isArray(value) ? value.map(cut) : cut(value)];
    }),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isDocument(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
