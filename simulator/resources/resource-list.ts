import type { Organisation, Project } from '../organisation/types.ts';
import type { EndpointSet } from '../rate-limit-sizes.ts';
import type { Thing } from './drift.ts';

/** The owner of a list: an organisation, or one of its projects. */
export interface Unit {
  organisation: Organisation;
  project: Project | undefined;
}

/** Identifies one list of a kind: the values of the placeholders in its path and query, except the owner's id. */
export type Place = Readonly<Record<string, string>>;

/** The inputs of a document. */
export interface DocumentContext extends Unit {
  place: Place;
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
  /** The maximum number of resources at a place. */
  slots: number;
  /** Returns the places that have such a list. Default: one for the project or organisation. */
  within?: (unit: Unit, now: number, resources: Reader) => Place[];
  /** Atlas's error for a missing resource, if it may be missing. */
  absent?: { status: number; code: string };
  document(thing: Thing, context: DocumentContext): Record<string, unknown>;
}

/** Returns the documents of another list, which contains the list. */
export type Reader = (kind: string, place: Place) => Record<string, unknown>[];

export const PROVIDERS = ['AWS', 'AZURE', 'GCP'];
