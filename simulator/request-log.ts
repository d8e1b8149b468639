/** One request as a test sees it. */
export interface LoggedRequest {
  method: string;
  /** As it was sent, without the query. */
  path: string;
  /** As it was sent, without the question mark. */
  query: string;
  /** The operation's name, `token` for the token request, or null when there is no such endpoint. */
  operation: string | null;
  projectId: string | null;
  processId: string | null;
  /** 0 as long as nothing was answered, and when the connection was broken off before. */
  status: number;
  /** When it came, by the simulator's clock; milliseconds since 1970. */
  at: number;
}

/** What was asked of the simulator, oldest first. */
export interface RequestLog {
  readonly list: readonly LoggedRequest[];
  /** How many requests there were for each operation. */
  counts(): Record<string, number>;
  reset(): void;
}

/** A simulator that is left running must not grow without end. */
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
