import { fractionAt, hashAt, hashText, mix } from '../hash.ts';
import type { Organisation, Process } from '../organisation/types.ts';
import { DAY, HOUR, SECOND } from '../time.ts';
import { attemptOf, type LineContent, structuredLine, textLine } from './attempts.ts';
import type { AccessLogRules } from './rules.ts';

/** How long Atlas keeps an entry. */
export const RETENTION = 7 * DAY;

/** How long an entry takes from the host to Atlas: from 2 seconds to a minute. */
const [QUICKEST, SLOWEST] = [2 * SECOND, 60 * SECOND];

/** One entry in so many shares the millisecond of the previous one; repeats its line; is truncated; has no line. */
const [TIES, COPIES, BROKEN, WITHOUT_LINE] = [10, 50, 100, 200];

/** A cut comes after the connection's number, so that truncated lines still differ. */
const SHORTEST_CUT = 120;

/** The order of entries within a second is off by up to this many milliseconds. */
const DISORDER = 9;

/** An entry of a host's access history. Times in milliseconds since 1970. */
export interface SettledEntry {
  /** When the host logged it. */
  time: number;
  /** The time that Atlas gives: the second. */
  second: number;
  authResult: boolean;
  authSource: string;
  failureReason: string | null;
  ipAddress: string;
  username: string;
  logLine: string | null;
  /** The line's content; null if it is not JSON. */
  content: LineContent | null;
  /** The first and last instant at which a client can read it. */
  visibleFrom: number;
  visibleUntil: number;
  /** Responses list entries by descending rank. */
  rank: number;
}

/** Seconds with at least this many entries are cached, because clients request the same busy second many times. */
const BUSY = 1_000;
/** How many of these seconds are cached for a host. */
/** So many of these seconds are kept of a host. */
const MOST_KEPT = 8;

const logs = new WeakMap<Process, HostLog>();

/** Returns the log of one of the organisation's hosts. */
export function hostLog(organisation: Organisation, host: Process): HostLog {
  const log = logs.get(host) ?? new HostLog(organisation, host);
  logs.set(host, log);
  return log;
}

/** One host's entries, as a pure function of the organisation's seed and the time. */
class HostLog {
  readonly #key: number;
  readonly #rules: AccessLogRules;
  readonly #from: number;
  readonly #to: number;
  readonly #busy = new Map<number, readonly SettledEntry[]>();

  constructor({ seed }: Organisation, { hostname, accessLogs, created, listedUntil }: Process) {
    this.#key = hashText(`access-logs/${seed}/${hostname}`);
    this.#rules = accessLogs;
    this.#from = created;
    this.#to = listedUntil ?? Number.POSITIVE_INFINITY;
  }

  /** Returns how many entries one second has. */
  count(second: number): number {
    if (second < this.#from || second >= this.#to) return 0;
    const burst = this.#rules.bursts.find(({ from, to }) => second >= from && second < to);
    if (burst) return burst.perSecond;
    const average = (this.#rules.perHour * SECOND) / HOUR;
    if (average === 0) return 0;
    const index = second / SECOND;
    // Uniform between none and twice the average.
    return Math.floor(2 * average * fractionAt(this.#key, index) + fractionAt(mix(this.#key), index));
  }

  /** Returns the entries of one second, in the order in which the host logged them. */
  entries(second: number): readonly SettledEntry[] {
    const kept = this.#busy.get(second);
    if (kept) return kept;
    const entries = this.#made(second);
    if (entries.length >= BUSY) {
      const [oldest] = this.#busy.keys();
      if (oldest !== undefined && this.#busy.size === MOST_KEPT) this.#busy.delete(oldest);
      this.#busy.set(second, entries);
    }
    return entries;
  }

  #made(second: number): SettledEntry[] {
    const key = hashAt(mix(this.#key + 1), second / SECOND);
    const count = this.count(second);
    const entries: SettledEntry[] = [];
    for (let index = 0; index < count; index += 1) {
      const own = hashAt(key, index);
      const before = entries.at(-1);
      if (before && hashAt(own, 1) % COPIES === 0) {
        entries.push({ ...before, rank: before.rank - 1 });
        continue;
      }
      const isTie = before !== undefined && hashAt(own, 2) % TIES === 0;
      const time = isTie ? before.time : second + (hashAt(own, 3) % SECOND);
      entries.push(this.#entry(own, second, time, (hashAt(key, -1) + index) % 10_000_000));
    }
    return entries;
  }

  #entry(own: number, second: number, time: number, connection: number): SettledEntry {
    const { lines, lateShare, lateByMs } = this.#rules;
    const attempt = attemptOf(own, time, connection);
    const { line, content } =
      lines === 'text' ? { line: textLine(attempt), content: null } : structuredLine(attempt, hashAt(own, 4));
    const isBroken = hashAt(own, 5) % BROKEN === 0;
    const cut = line.slice(0, SHORTEST_CUT + (hashAt(own, 6) % Math.max(1, line.length - SHORTEST_CUT)));
    const isWithoutLine = hashAt(own, 7) % WITHOUT_LINE === 0;
    const late = fractionAt(own, 8) < lateShare ? lateByMs : 0;
    return {
      time,
      second,
      authResult: attempt.failure === null,
      authSource: attempt.database,
      failureReason: attempt.failure,
      ipAddress: attempt.client.address,
      username: attempt.user,
      logLine: isWithoutLine ? null : isBroken ? cut : line,
      content: isWithoutLine || isBroken ? null : content,
      visibleFrom: time + late + QUICKEST + Math.floor(fractionAt(own, 9) * (SLOWEST - QUICKEST)),
      visibleUntil: time + RETENTION,
      rank: time - second + (hashAt(own, 10) % DISORDER),
    };
  }
}
