import type { SimulatorClock } from './clock.ts';
import type { Vanished } from './http/api-route.ts';
import { DAY } from './time.ts';

/** What goes wrong. */
export type FaultKind =
  /** The status given, without asking the endpoint. */
  | 'status'
  /** The body ends in the middle, short of its Content-Length. */
  | 'cut-body'
  /** The body ends in the middle, chunked and without the last chunk. */
  | 'cut-chunked'
  /** 200, and a body that is not JSON. */
  | 'not-json'
  /** 200, and JSON of another shape: `body`, or numbers where lists should be. */
  | 'wrong-shape'
  /** 200, and a list of which some items, always the same, are not what they should be. */
  | 'unreadable-items'
  /** No answer at all; the connection stays open. */
  | 'stall'
  /** Headers and half of the body, then nothing; the connection stays open. */
  | 'stall-body'
  /** The connection is closed before anything was answered. */
  | 'reset'
  /** 404 for everything of a process, which is still listed. */
  | 'host-not-found'
  /** A process is left out of the list, but still answers. */
  | 'host-unlisted'
  /** A project is left out of the list, but still answers. */
  | 'project-unlisted'
  /** A project is left out of the list, and 404 for everything of it. */
  | 'project-not-found'
  /** A process is listed as NO_DATA, and still answers. */
  | 'host-silent'
  /** Measurements of a process, at the `granularities`, are answered with an empty list. */
  | 'no-values'
  /** Measurements of a process that start longer ago than `age` are answered with 400. */
  | 'too-old';

/** A fault, and which requests it hits: those that match all that is given. */
export interface Fault {
  kind: FaultKind;
  projectId?: string;
  processId?: string;
  /** The operation's name, `token` for the token request, which no fault hits that does not name it. */
  operation?: string;
  /** What must occur in the path (decoded, without query): a regular expression. */
  pattern?: RegExp | string;
  /** How many requests it hits before it is over. Default: no end. */
  count?: number;
  /** From when, and until when, by the simulator's clock; milliseconds since 1970. */
  from?: number;
  until?: number;
  /** For `status`: default 500. */
  status?: number;
  /** For `status`: the API's error code. Default: UNEXPECTED_ERROR. */
  errorCode?: string;
  /** For `status`: whether the body is HTML, as a gateway writes it. Default: false. */
  html?: boolean;
  /** For `status`: whether the body is JSON without an error code, as a proxy writes it. Default: false. */
  codeless?: boolean;
  /** For `status`: seconds for a `Retry-After` header. Default: no such header. */
  retryAfter?: number;
  /** For `unreadable-items`: a seed that decides which. Default: 0. */
  items?: number;
  /** For `no-values`: at which granularities. Default: at all. */
  granularities?: readonly string[];
  /** For `too-old`, at the granularities of two days: milliseconds. Default: as long as Atlas holds them. */
  age?: number;
  /** For `wrong-shape`: the document that is answered instead. */
  body?: unknown;
}

/** Faults that endpoints ask for themselves. */
/** What a fault is matched against. */
export interface FaultOccasion {
  operation: string | null;
  projectId: string | null;
  processId: string | null;
  /** Decoded, without query. */
  path: string;
}

/** The faults that are switched on. */
export interface Faults {
  /** Switches one on; the result switches it off again. */
  add(fault: Fault): () => void;
  /** Those that are still on. */
  readonly list: readonly Fault[];
  clear(): void;
  /** All tokens that live now become invalid at once. */
  expireTokens(): void;
}

/** What the server does with the faults. */
export interface FaultPlan extends Faults {
  /** The fault that hits a request, if any; counts it. */
  strike(occasion: FaultOccasion): Fault | undefined;
  vanished: Vanished;
}

interface Active {
  fault: Fault;
  left: number;
}

export function createFaults(clock: SimulatorClock, expireTokens: () => void): FaultPlan {
  let active: Active[] = [];

  const isOn = ({ fault, left }: Active) =>
    left > 0 && clock.now() >= (fault.from ?? -Infinity) && clock.now() < (fault.until ?? Infinity);

  function vanishes(kind: FaultKind, projectId: string, processId = ''): boolean {
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
    strike(occasion) {
      const entry = active.find((candidate) => isOn(candidate) && strikes(candidate.fault, occasion));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
    vanished: {
      unlisted: (projectId, process) => vanishes('host-unlisted', projectId, process.id),
      notFound: (projectId, process) => vanishes('host-not-found', projectId, process.id),
      projectUnlisted: (projectId) => vanishes('project-unlisted', projectId),
      projectNotFound: (projectId) => vanishes('project-not-found', projectId),
      silent: (projectId, process) => vanishes('host-silent', projectId, process.id),
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

const ANSWERED_BY_ENDPOINTS: ReadonlySet<FaultKind> = new Set([
  'host-not-found',
  'host-unlisted',
  'host-silent',
  'no-values',
  'too-old',
  'project-unlisted',
  'project-not-found',
]);

function strikes(fault: Fault, occasion: FaultOccasion): boolean {
  // Endpoints ask for these themselves.
  if (ANSWERED_BY_ENDPOINTS.has(fault.kind)) return false;
  if (occasion.operation === 'token' && fault.operation !== 'token') return false;
  return (
    (fault.projectId === undefined || fault.projectId === occasion.projectId) &&
    (fault.processId === undefined || fault.processId === occasion.processId) &&
    (fault.operation === undefined || fault.operation === occasion.operation) &&
    (fault.pattern === undefined || new RegExp(fault.pattern).test(occasion.path))
  );
}
