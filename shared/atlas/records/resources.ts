import type { ResourceId } from '../resource-id.ts';

/** A resource as Atlas sent it. Code that stores it must remove secrets first. */
export type ResourceDocument = Readonly<Record<string, unknown>>;

/** One list of resources, or one resource, as a catalogue describes it. */
export interface ResourceRead {
  /** Identifies the list in errors and logs. Never a name from Atlas. */
  resourceType: string;
  /** The path below `/api/atlas/v2`, not encoded. */
  segments: readonly string[];
  query: readonly (readonly [name: string, value: string])[];
  /** The date of the resource's version, such as `2023-01-01`. */
  version: string;
  /** The form of the response: pages, one array, or one document. */
  response: 'pages' | 'array' | 'document';
  /** What identifies a resource. */
  id: ResourceId;
  /** The rate limit that the read counts towards: MongoDB's name for the set of endpoints, and whom it counts for. */
  limit: { set: string; scope: 'project' | 'organisation'; id: string };
}
