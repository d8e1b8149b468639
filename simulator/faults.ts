import type { SimulatorClock } from './clock.ts';
import type { EndpointFaults } from './http/api-route.ts';
import { DAY } from './time.ts';

/** The kinds of faults. */
export type FaultKind =
  /** The given status, without calling the endpoint. */
  | 'status'
  /** The body ends in the middle, short of its Content-Length. */
  | 'cut-body'
  /** The chunked body ends in the middle, without the last chunk. */
  | 'cut-chunked'
  /** 200 with a body that is not JSON. */
  | 'not-json'
  /** 200 with JSON of another shape: `body`, or numbers in place of lists. */
  | 'wrong-shape'
  /** 200 with a list in which some items, always the same, are malformed. */
  | 'unreadable-items'
  /** No response; the connection stays open. */
  | 'stall'
  /** Headers and half of the body, then nothing; the connection stays open. */
  | 'stall-body'
  /** The connection closes before any response. */
  | 'reset'
  /** 404 for everything of a process that is still listed. */
  | 'host-not-found'
  /** A process is missing from the list, but still responds. */
  | 'host-unlisted'
  /** A project is missing from the list, but still responds. */
  | 'project-unlisted'
  /** A project is missing from the list, and everything of it responds with 404. */
  | 'project-not-found'
  /** A process is listed as NO_DATA, but still responds. */
  | 'host-silent'
  /** Measurements of a process at the `granularities` are an empty list. */
  | 'no-values'
  /** Measurements of a process that start longer ago than `age` respond with 400. */
  | 'too-old';

/** A fault and the requests that it affects: those that match every given field. */
export interface Fault {
  kind: FaultKind;
  projectId?: string;
  processId?: string;
  /** The operation's name; `token` for the token request, which only a fault with this name affects. */
  operation?: string;
  /** A regular expression for the path (decoded, without query). */
  pattern?: RegExp | string;
  /** How many requests it affects. Default: no limit. */
  count?: number;
  /** When it starts and ends, by the simulator's clock; milliseconds since 1970. */
  from?: number;
  until?: number;
  /** For `status`: default 500. */
  status?: number;
  /** For `status`: the API's error code. Default: UNEXPECTED_ERROR. */
  errorCode?: string;
  /** For `status`: whether the body is HTML, like a gateway's. Default: false. */
  html?: boolean;
  /** For `status`: whether the body is JSON without an error code, like a proxy's. Default: false. */
  codeless?: boolean;
  /** For `status`: seconds for a `Retry-After` header. Default: no header. */
  retryAfter?: number;
  /** For `unreadable-items`: a seed that selects the items. Default: 0. */
  items?: number;
  /** For `no-values`: the affected granularities. Default: all. */
  granularities?: readonly string[];
  /** For `too-old`, at the granularities that Atlas keeps for two days: milliseconds. Default: Atlas's retention. */
  age?: number;
  /** For `wrong-shape`: the document to send instead. */
  body?: unknown;
}

/** The properties of a request that faults match. */
export interface RequestProperties {
  operation: string | null;
  projectId: string | null;
  processId: string | null;
  /** Decoded, without query. */
  path: string;
}

/** The active faults. */
export interface Faults {
  /** Adds a fault. Returns a function that removes it. */
  add(fault: Fault): () => void;
  /** The faults that remain active. */
  readonly list: readonly Fault[];
  clear(): void;
  /** Invalidates all current tokens immediately. */
  expireTokens(): void;
}

/** The server's view of the faults. */
export interface FaultPlan extends Faults {
  /** Returns the fault that affects a request, if any, and counts the request. */
  faultFor(request: RequestProperties): Fault | undefined;
  endpointFaults: EndpointFaults;
}

interface Active {
  fault: Fault;
  left: number;
}

export function createFaults(clock: SimulatorClock, expireTokens: () => void): FaultPlan {
  let active: Active[] = [];

  const isOn = ({ fault, left }: Active) =>
    left > 0 && clock.now() >= (fault.from ?? -Infinity) && clock.now() < (fault.until ?? Infinity);

  function hides(kind: FaultKind, projectId: string, processId = ''): boolean {
    return faultOf(kind, projectId, processId, () => true) !== undefined;
  }

  function faultOf(
    kind: FaultKind,
    projectId: string,
    processId: string,
    matches: (fault: Fault) => boolean,
  ): Fault | undefined {
    return active.find(
      (entry) =>
        entry.fault.kind === kind &&
        isOn(entry) &&
        (entry.fault.projectId ?? projectId) === projectId &&
        (entry.fault.processId ?? processId) === processId &&
        matches(entry.fault),
    )?.fault;
  }

  return {
    add(fault) {
      const entry = { fault, left: fault.count ?? Infinity };
      active.push(entry);
      return () => {
        active = active.filter((other) => other !== entry);
      };
    },
    get list() {
      return active.filter(({ left }) => left > 0).map(({ fault }) => fault);
    },
    clear() {
      active = [];
    },
    expireTokens,
    faultFor(request) {
      const entry = active.find((candidate) => isOn(candidate) && matches(candidate.fault, request));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
    endpointFaults: {
      unlisted: (projectId, process) => hides('host-unlisted', projectId, process.id),
      notFound: (projectId, process) => hides('host-not-found', projectId, process.id),
      projectUnlisted: (projectId) => hides('project-unlisted', projectId),
      projectNotFound: (projectId) => hides('project-not-found', projectId),
      silent: (projectId, process) => hides('host-silent', projectId, process.id),
      hidesValues: (projectId, processId, granularity) =>
        faultOf('no-values', projectId, processId, ({ granularities = [granularity] }) =>
          granularities.includes(granularity),
        ) !== undefined,
      oldestStart: (projectId, processId, retention) => {
        const fault = faultOf('too-old', projectId, processId, () => true);
        const age = Math.min(retention, retention > 2 * DAY ? retention : (fault?.age ?? retention));
        return fault === undefined ? -Infinity : clock.now() - age;
      },
    },
  };
}

const HANDLED_BY_ENDPOINTS: ReadonlySet<FaultKind> = new Set([
  'host-not-found',
  'host-unlisted',
  'host-silent',
  'no-values',
  'too-old',
  'project-unlisted',
  'project-not-found',
]);

function matches(fault: Fault, request: RequestProperties): boolean {
  // Endpoints check these faults.
  if (HANDLED_BY_ENDPOINTS.has(fault.kind)) return false;
  if (request.operation === 'token' && fault.operation !== 'token') return false;
  return (
    (fault.projectId === undefined || fault.projectId === request.projectId) &&
    (fault.processId === undefined || fault.processId === request.processId) &&
    (fault.operation === undefined || fault.operation === request.operation) &&
    (fault.pattern === undefined || new RegExp(fault.pattern).test(request.path))
  );
}
