import type { Organisation, Project } from '../organisation/types.ts';
import type { EndpointSet } from '../rate-limit-sizes.ts';
import type { DriftingResource } from './drifting-resources.ts';

/** The owner of a list: an organisation, or one of its projects. */
export interface ListOwner {
  organisation: Organisation;
  project: Project | undefined;
}

/** Identifies one list of a kind: the values of the placeholders in its path and query, except the owner's id. */
export type ListParameters = Readonly<Record<string, string>>;

/** The inputs of a document. */
export interface DocumentContext extends ListOwner {
  parameters: ListParameters;
  /** Milliseconds since 1970. */
  now: number;
}

/** One kind of resource, and where the API lists it. */
export interface ResourceList {
  /** The operation's name. */
  kind: string;
  scope: 'project' | 'organisation';
  /** The path below `/api/atlas/v2`. */
  path: string;
  /** A query parameter that selects the list, and its default. */
  query?: { parameter: string; placeholder: string; fallback: string };
  format: 'pages' | 'array' | 'document';
  version: string;
  set: EndpointSet;
  /** The maximum number of resources in a list. */
  slots: number;
  /** Returns the parameters of each such list. Default: one for the project or organisation. */
  within?: (owner: ListOwner, now: number, resources: Reader) => ListParameters[];
  /** Atlas's error for a missing resource, if it may be missing. */
  absent?: { status: number; code: string };
  document(resource: DriftingResource, context: DocumentContext): Record<string, unknown>;
}

/** Returns the documents of another list, which contains the list. */
export type Reader = (kind: string, parameters: ListParameters) => Record<string, unknown>[];

export const PROVIDERS = ['AWS', 'AZURE', 'GCP'];
