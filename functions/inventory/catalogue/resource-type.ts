/**
 * One kind of resource: where Atlas lists it, and what the lake keeps of it. Everything else about a type, its rows, its
 * state and its line in the coverage table, follows from this.
 */
export interface ResourceType {
  /** Its name in the lake: `resource_type`. */
  name: string;
  /** Whose it is: `{groupId}` or `{orgId}` in its path. */
  scope: 'project' | 'organisation';
  /** Below `/api/atlas/v2`. Other placeholders are filled from `parents`. */
  path: string;
  /** Parameters of the query; a value may be a placeholder. */
  query?: Readonly<Record<string, string>>;
  /** How the answer gives them: in pages, as one array, or as the one resource itself. */
  answer: 'pages' | 'array' | 'document';
  /** Atlas answers with an empty document where there is no such resource. */
  emptyIsNone?: boolean;
  /** The date of the resource's version: pinned, the one that the fields here were taken from. */
  version: string;
  /** The field that tells one from another, or a placeholder where the path does. */
  id: string;
  /** Where the path does: an answer with none of these fields is of something else. */
  known?: readonly string[];
  /** The field with a name for people, where it has one beside its id. */
  label?: string;
  /** What it is asked for by: each cluster, each provider, … Once for the whole project or organisation without it. */
  parents?: Parents;
  /** Fields that never go to the lake, as `secrets.secret`; lists on the way are looked into. */
  omit?: readonly string[];
  /** Fields that change by themselves, as the time of a last ping: kept, and no reason for a row. */
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
  /** Fields of other resources, whose own placeholders are kept; of several fields, whichever it has. */
  | { kind: 'resources'; type: string; placeholders: Readonly<Record<string, readonly string[]>> }
  /** Ids from the configuration, since nothing lists them. */
  | { kind: 'configured'; placeholder: string };

/** Keeps the literal names of a group of types. */
export function resourceTypes<const T extends readonly ResourceType[]>(types: T): T {
  return types;
}
