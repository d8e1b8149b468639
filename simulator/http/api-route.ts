import type { Organisation, Process } from '../organisation/types.ts';
import type { EndpointSet } from '../rate-limit-sizes.ts';

/** A request that has passed authentication, version check and rate limits. */
export interface ApiRequest {
  organisation: Organisation;
  /** The time of the response, in milliseconds since 1970. */
  now: number;
  /** Scheme, host and port, for links in responses. */
  origin: string;
  /** The path as the client wrote it. */
  path: string;
  query: URLSearchParams;
  /** As received; empty for a GET. */
  body: string;
  /** Returns how many requests for this exact path came before. */
  earlierRequests(): number;
  /** Returns the decoded value of a placeholder in the route's path. */
  parameter(name: string): string;
  /** Whether the client may read a project. */
  mayRead(projectId: string): boolean;
  /** The faults that endpoints apply. */
  endpointFaults: EndpointFaults;
  /** The error of a list's `totalCount`. */
  totalCountError: number;
}

/** The faults of hosts and projects, which endpoints apply to their responses. */
export interface EndpointFaults {
  /** Missing from lists. */
  unlisted(projectId: string, process: Process): boolean;
  /** Not found, though it may be listed. */
  notFound(projectId: string, process: Process): boolean;
  /** A project that is missing from the list. */
  projectUnlisted(projectId: string): boolean;
  /** A project that is neither listed nor found. */
  projectNotFound(projectId: string): boolean;
  /** Listed as a process without data. */
  silent(projectId: string, process: Process): boolean;
  /** Its measurements of a granularity are missing. */
  hidesValues(projectId: string, processId: string, granularity: string): boolean;
  /** A project whose clusters count as too small for PT10S. */
  tooSmall(projectId: string): boolean;
  /** The earliest allowed start of a request for its measurements; ms since 1970. */
  oldestStart(projectId: string, processId: string, retention: number): number;
}

/** One endpoint. To add one, add it to a file in `routes/`. */
export interface ApiRoute {
  /** The operation's name, for the request log and faults. */
  operation: string;
  /** The full path; `{name}` stands for one segment. `{groupId}` is always the project's id. */
  path: string;
  /** Dates of the resource's available versions, oldest first. */
  versions: readonly string[];
  /** Dates of withdrawn versions, oldest first. */
  withdrawn?: readonly string[];
  /** The rate limit that it counts towards. */
  set: EndpointSet;
  /** Whether the response is a list in pages, which affects `envelope`. */
  list: boolean;
  /** The format of the representation that clients must ask for. Default: `json`. */
  format?: 'gzip';
  /** Default: GET. */
  method?: 'POST';
  /** The status of a successful response. Default: 200. */
  status?(document: object): number;
  /** Returns the response's document. @throws ApiError */
  handle(request: ApiRequest): object;
}
