import type { ResourceId } from '../../../shared/atlas/resource-id.ts';

/**
 * One type of resource: where Atlas lists it, and what the lake keeps of it. Its rows, its state and its line in the
 * coverage table follow from this.
 */
export interface ResourceType {
  /** Its name in the lake: `resource_type`. */
  name: string;
  /** What it belongs to: its path has `{groupId}` or `{orgId}`. */
  scope: 'project' | 'organisation';
  /** The path below `/api/atlas/v2`. Other placeholders are filled from `parents`. */
  path: string;
  /** Parameters of the query; a value may be a placeholder. */
  query?: Readonly<Record<string, string>>;
  /** How the response contains the resources: in pages, as one array, or as the single resource itself. */
  response: 'pages' | 'array' | 'document';
  /** Atlas answers with an empty document when there is no such resource. */
  emptyIsNone?: boolean;
  /** The date of the pinned resource version, from which the fields here were taken. */
  version: string;
  /** What identifies a resource: its fields, or a placeholder if the path identifies it. */
  id: ResourceId;
  /**
   * The id names a person. The lake has a hash of it, so that names are only in columns that can be withheld and erased.
   */
  hashesId?: boolean;
  /** If the path identifies it: a response with none of these fields is something else. */
  known?: readonly string[];
  /** The field with a readable name, if there is one beside the id. */
  label?: string;
  /**
   * What it is listed by: each cluster, each provider, … Without it, it is listed once for the whole project or
   * organisation.
   */
  parents?: Parents;
  /** How often its lists are read. Default: at each tick, once an hour. */
  read?: 'daily';
  /**
   * The only fields that go to the lake, for documents that are about credentials; `awsKms.enabled` for a field inside
   * another. Without it, all fields go there except those to omit.
   */
  keep?: readonly string[];
  /** Fields that never go to the lake, for example `secrets.secret`; a path also applies to the items of lists. */
  omit?: readonly string[];
  /** Fields that change on their own, for example the time of a last ping: they are kept, but do not cause a row. */
  volatile?: readonly string[];
  /** MongoDB's name for the set of endpoints whose rate limit it counts towards. */
  set: string;
  /** The least role that may read it. */
  role: string;
  /** Endpoints of the reference whose result or effect it shows. */
  covers: readonly string[];
}

/** Where the placeholders of a path come from. */
export type Parents =
  /** The same values everywhere. */
  | { kind: 'values'; placeholder: string; values: readonly string[] }
  /**
   * Fields of other resources, whose own placeholders are kept; if there are several fields, those that the resource
   * has.
   */
  | {
      kind: 'resources';
      type: string;
      placeholders: Readonly<Record<string, readonly string[]>>;
      /** Only resources whose field has one of these values have children. */
      where?: { field: string; values: readonly string[] };
    }
  /** Ids from the configuration, because no endpoint lists them. */
  | { kind: 'configured'; placeholder: string };

/** Keeps the literal names of a group of types. */
export function resourceTypes<const T extends readonly ResourceType[]>(types: T): T {
  return types;
}
