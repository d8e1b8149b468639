import { fractionAt, hashAt, hashText, mix } from '../hash.ts';
import type { Organisation, Process } from '../organisation/types.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';
import { auditLines } from './audit-lines.ts';
import { messageLines, type SettledLine } from './lines.ts';
import type { LogRules } from './rules.ts';

/** How long Atlas keeps a line. */
export const RETENTION = 30 * DAY;

/** The length of a chunk. Atlas stores a log chunk by chunk. */
export const CHUNK = 5 * MINUTE;

/** How long a chunk takes from its end to Atlas: from 2 seconds to a minute. */
const [QUICKEST, SLOWEST] = [2 * SECOND, 60 * SECOND];

/** One message in so many shares the millisecond of the previous one; repeats it. */
const [TIES, COPIES] = [10, 50];

/** The order of messages within a second is off by up to this many milliseconds. */
const DISORDER = 9;

/** The kinds of logs of a process. */
export type LogType = 'messages' | 'audit';

/** A message of a log: a line with a time, and the lines without one behind it. Times in ms since 1970. */
export interface SettledMessage {
  time: number;
  second: number;
  lines: readonly SettledLine[];
  /** The number of its chunk. */
  chunk: number;
  /** The first and last instant at which a client can read it. */
  visibleFrom: number;
  visibleUntil: number;
}

/** Returns how to make the lines of a message. */
const LINES: Readonly<Record<LogType, typeof messageLines>> = { messages: messageLines, audit: auditLines };

/** A log of a process, as a pure function of the organisation's seed and the time. */
export class ProcessLog {
  readonly #key: number;
  readonly #rules: LogRules;
  readonly #type: LogType;
  readonly #from: number;
  readonly #to: number;

  constructor({ seed }: Organisation, { id, logs, created, listedUntil }: Process, type: LogType) {
    this.#key = hashText(`logs/${seed}/${id}/${type}`);
    this.#rules = logs;
    this.#type = type;
    this.#from = created;
    this.#to = listedUntil ?? Number.POSITIVE_INFINITY;
  }

  /** Returns the messages of one second, in the order of the log. */
  messages(second: number): SettledMessage[] {
    const count = this.#count(second);
    if (count === 0) return [];
    const key = hashAt(mix(this.#key + 1), second / SECOND);
    const ranked: { message: SettledMessage; rank: number }[] = [];
    for (let index = 0; index < count; index += 1) {
      const own = hashAt(key, index);
      const before = ranked.at(-1);
      if (before && hashAt(own, 101) % COPIES === 0) {
        ranked.push({ ...before, rank: before.rank + 1 });
        continue;
      }
      const isTie = before !== undefined && hashAt(own, 102) % TIES === 0;
      const time = isTie ? before.message.time : second + (hashAt(own, 103) % SECOND);
      ranked.push({
        message: this.#message(own, second, time),
        rank: time + (hashAt(own, 104) % DISORDER),
      });
    }
    return ranked.sort((a, b) => a.rank - b.rank).map(({ message }) => message);
  }

  /** Returns the number of the chunk of a second. Chunks of different processes end at different times. */
  chunkOf(second: number): number {
    return Math.floor((second + this.#offset) / CHUNK);
  }

  /** Returns the first second of a chunk. */
  chunkStart(chunk: number): number {
    return chunk * CHUNK - this.#offset;
  }

  get #offset(): number {
    return (this.#key % (CHUNK / SECOND)) * SECOND;
  }

  #count(second: number): number {
    if (second < this.#from || second >= this.#to) return 0;
    const { bursts, perHour, auditing } = this.#rules;
    if (this.#type === 'audit' && !auditing) return 0;
    const burst = bursts.find(({ from, to }) => second >= from && second < to);
    if (burst) return burst.perSecond;
    const average = (perHour * SECOND) / HOUR;
    if (average === 0) return 0;
    const index = second / SECOND;
    // Uniform between none and twice the average.
    return Math.floor(2 * average * fractionAt(this.#key, index) + fractionAt(mix(this.#key), index));
  }

  #message(own: number, second: number, time: number): SettledMessage {
    const chunk = this.chunkOf(second);
    const { lateShare, lateByMs } = this.#rules;
    const late = fractionAt(mix(this.#key + 2), chunk) < lateShare ? lateByMs : 0;
    const delay = QUICKEST + Math.floor(fractionAt(mix(this.#key + 3), chunk) * (SLOWEST - QUICKEST));
    return {
      time,
      second,
      lines: LINES[this.#type](own, time, this.#rules.lines),
      chunk,
      visibleFrom: this.chunkStart(chunk + 1) + delay + late,
      visibleUntil: time + RETENTION,
    };
  }
}
