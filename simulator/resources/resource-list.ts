import type { Organisation, Project } from '../organisation/types.ts';
import type { EndpointSet } from '../rate-limit-sizes.ts';
import type { Thing } from './drift.ts';

/** Whose a list is: an organisation, or one of its projects. */
export interface Unit {
  organisation: Organisation;
  project: Project | undefined;
}

/** Where one list of a kind is: what stands for the placeholders of its path and query, but for the unit's own. */
export type Place = Readonly<Record<string, string>>;

/** What a document is made from. */
export interface Occasion extends Unit {
  place: Place;
  /** Milliseconds since 1970. */
  now: number;
}

/** One kind of resource, and where the API lists it. */
export interface ResourceList {
  /** The operation's name. */
  kind: string;
  scope: 'project' | 'organisation';
  /** Below `/api/atlas/v2`. */
  path: string;
  /** A parameter of the query that chooses the list, and what it is when it is left out. */
  query?: { parameter: string; placeholder: string; fallback: string };
  answer: 'pages' | 'array' | 'document';
  version: string;
  set: EndpointSet;
  /** How many there may be at a place. */
  slots: number;
  /** Where there are such lists. Default: one for the project or organisation. */
  within?: (unit: Unit, now: number, resources: Reader) => Place[];
  /** Of a resource that may be missing: how Atlas says so. */
  absent?: { status: number; code: string };
  document(thing: Thing, occasion: Occasion): Record<string, unknown>;
}

/** The documents of another list: what a list is within. */
export type Reader = (kind: string, place: Place) => Record<string, unknown>[];

export const PROVIDERS = ['AWS', 'AZURE', 'GCP'];
