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

interface ListDescription {
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
  /** Returns the parameters of each such list. Default: one for the project or organisation. */
  within?: (owner: ListOwner, now: number, resources: Reader) => ListParameters[];
  /** Atlas's error for a missing resource, if it may be missing. */
  absent?: Refusal;
  /** Returns Atlas's error for a list that the owner does not have, by the values in the path. */
  refusal?: (owner: ListOwner, parameter: (name: string) => string) => Refusal | undefined;
}

export interface Refusal {
  status: number;
  code: string;
}

/** Its resources appear, change and disappear. */
interface DriftingList extends ListDescription {
  /** The maximum number of resources in a list. */
  slots: number;
  document(resource: DriftingResource, context: DocumentContext): Record<string, unknown>;
}

/** Its resources follow from something else. */
interface ComputedList extends ListDescription {
  documents(context: DocumentContext): Record<string, unknown>[];
}

/** One kind of resource, and where the API lists it. */
export type ResourceList = DriftingList | ComputedList;

/** Returns the documents of another list, which contains the list. */
export type Reader = (kind: string, parameters: ListParameters) => Record<string, unknown>[];

export const PROVIDERS = ['AWS', 'AZURE', 'GCP'];
