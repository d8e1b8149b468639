import type { Organisation, Process } from '../organisation/types.ts';
import type { EndpointSet } from '../rate-limit-sizes.ts';

/** A request that has passed authentication, version and rate limits. */
export interface ApiRequest {
  organisation: Organisation;
  /** The instant at which it is answered, in milliseconds since 1970. */
  now: number;
  /** Scheme, host and port, for the links in answers. */
  origin: string;
  /** The path as the client wrote it. */
  path: string;
  query: URLSearchParams;
  /** As it came; empty for a GET. */
  body: string;
  /** How many requests for this very path came before. */
  earlier(): number;
  /** What stands for the placeholders of the route's path, decoded. */
  parameter(name: string): string;
  /** Which projects the client may read. */
  mayRead(projectId: string): boolean;
  /** Hosts that are made to disappear, by faults. */
  vanished: Vanished;
  /** How far off the `totalCount` of a list is. */
  totalCountError: number;
}

export interface Vanished {
  /** Left out of lists. */
  unlisted(projectId: string, process: Process): boolean;
  /** Not found when asked for, though perhaps listed. */
  notFound(projectId: string, process: Process): boolean;
  /** A project that is left out of the list. */
  projectUnlisted(projectId: string): boolean;
  /** One that is neither listed nor found. */
  projectNotFound(projectId: string): boolean;
  /** Listed as one that Atlas has no data of. */
  silent(projectId: string, process: Process): boolean;
  /** Its measurements of a granularity are left out. */
  hidesValues(projectId: string, processId: string, granularity: string): boolean;
  /** The earliest start that a request for its measurements may have; ms since 1970. */
  oldestStart(projectId: string, processId: string, retention: number): number;
}

/** One endpoint. Adding one is adding it to a file in `routes/`. */
export interface ApiRoute {
  /** The operation's name, for the request log and faults. */
  operation: string;
  /** From the root on; `{name}` stands for one segment. `{groupId}` is always the project's id. */
  path: string;
  /** Dates of the resource's versions that are still served, oldest first. */
  versions: readonly string[];
  /** Dates of versions that were withdrawn, oldest first. */
  withdrawn?: readonly string[];
  /** Which rate limit it counts towards. */
  set: EndpointSet;
  /** Whether the answer is a list in pages; that makes a difference to `envelope`. */
  list: boolean;
  /** Default: GET. */
  method?: 'POST';
  /** The status of an answer that is no error. Default: 200. */
  status?(document: object): number;
  /** The answer's document. @throws ApiError */
  answer(request: ApiRequest): object;
}
