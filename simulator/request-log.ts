/** One request as tests see it. */
export interface LoggedRequest {
  method: string;
  /** As the client sent it, without the query. */
  path: string;
  /** As the client sent it, without the question mark. */
  query: string;
  /** The operation's name, `token` for the token request, or null if there is no such endpoint. */
  operation: string | null;
  projectId: string | null;
  processId: string | null;
  /** 0 until there is a response, and if the connection broke before. */
  status: number;
  /** When it arrived, by the simulator's clock; milliseconds since 1970. */
  at: number;
}

/** The requests to the simulator, oldest first. */
export interface RequestLog {
  readonly list: readonly LoggedRequest[];
  /** Returns the number of requests for each operation. */
  counts(): Record<string, number>;
  reset(): void;
}

/** Limits the memory of a simulator that keeps running. */
const MOST_ENTRIES = 100_000;

export function createRequestLog(): RequestLog & { add(request: LoggedRequest): void } {
  let entries: LoggedRequest[] = [];
  return {
    add(request) {
      if (entries.length >= MOST_ENTRIES) entries = entries.slice(MOST_ENTRIES / 2);
      entries.push(request);
    },
    get list() {
      return entries;
    },
    counts() {
      const counts: Record<string, number> = {};
      for (const { operation } of entries) {
        if (operation !== null) counts[operation] = (counts[operation] ?? 0) + 1;
      }
      return counts;
    },
    reset() {
      entries = [];
    },
  };
}
