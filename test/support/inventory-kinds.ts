import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

/** Describes the documents of the inventory by kind, for tests. Nothing here comes from the catalogue. */

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

/** Returns the name of a document; null if its kind has none. */
export function nameOf(kind: string, document: Document): unknown {
  const { name } = KINDS[kind] ?? {};
  return name === undefined ? null : document[name];
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

/** Returns whether the lists of a kind are read once a day, and not at each tick. */
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

/** Returns a value with the fields of its documents in order. */
export function sorted(value: unknown): unknown {
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
