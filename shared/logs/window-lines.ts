import { hash } from 'node:crypto';
import type { HostLog, LogLine, LogReader } from '../atlas/api.ts';
import { isStray } from '../atlas/strays.ts';
import { floorTo, SECOND } from '../durations.ts';
import type { Window } from '../histories/windows.ts';
import type { LogEntry, LogKind } from './log-kind.ts';

/** The most that one window may hold: number of lines, and their kept bytes. */
export interface Capacity {
  lines: number;
  bytes: number;
}

/** Bytes at the start of a line in which its time is looked for. */
const START_BYTES = 256;

/** Hexadecimal digits of a record id: 128 bits, so that two ids never collide by chance. */
const RECORD_ID_DIGITS = 32;

/**
 * Takes the lines of one window from a log, and stops when it is full. A line without a time belongs to the line before
 * it, so that it is in the same window.
 *
 * A record id is a hash of host, log, time and line, and counts equal ones. A window has whole seconds, so it has all
 * equal lines of a time or none, and the count does not depend on where windows begin.
 */
export class WindowLines implements LogReader {
  readonly entries: LogEntry[] = [];
  /** Whether the window has more lines than fit. */
  isFull = false;
  /** Number of lines whose time is far from the window. */
  strays = 0;
  /** Number of lines without a time that follow no line and may lie in the window. */
  untimed = 0;
  readonly #log: HostLog;
  readonly #window: Window;
  readonly #capacity: Capacity;
  readonly #timeOf: LogKind['timeOf'];
  readonly #counts = new Map<string, number>();
  #bytes = 0;
  /** The time of the last line that has one. */
  #time: number | null = null;

  constructor(log: HostLog, window: Window, capacity: Capacity, timeOf: LogKind['timeOf']) {
    this.#log = log;
    this.#window = window;
    this.#capacity = capacity;
    this.#timeOf = timeOf;
  }

  /** How full the window is, 0 to 1. */
  get share(): number {
    return Math.max(this.entries.length / this.#capacity.lines, this.#bytes / this.#capacity.bytes);
  }

  add({ bytes, length, digest }: LogLine): boolean {
    const time = this.#timeOf(bytes.toString('latin1', 0, START_BYTES)) ?? this.#time;
    if (time === null) {
      this.untimed += 1;
      return true;
    }
    const second = floorTo(time, SECOND);
    // Lines at the start belong to a line that Atlas does not show. It lies before the next one.
    if (this.#time === null && second < this.#window.from) this.untimed = 0;
    this.#time = time;
    const { from, to } = this.#window;
    if (isStray(second, { start: from, end: to })) this.strays += 1;
    if (second < from || second >= to) return true;
    if (this.entries.length >= this.#capacity.lines || this.#bytes + bytes.length > this.#capacity.bytes) {
      this.isFull = true;
      return false;
    }
    this.#bytes += bytes.length;
    this.entries.push({
      time,
      text: bytes.toString('utf8'),
      isCut: bytes.length < length,
      bytes: length,
      recordId: this.#recordId(time, digest),
    });
    return true;
  }

  #recordId(time: number, digest: Buffer): string {
    const { hostname, logName } = this.#log;
    const line = JSON.stringify([hostname, logName, time, digest.toString('base64')]);
    const equal = (this.#counts.get(line) ?? 0) + 1;
    this.#counts.set(line, equal);
    return hash('sha256', `${line}${equal}`, 'hex').slice(0, RECORD_ID_DIGITS);
  }
}
