import { CHUNK, type LogType, ProcessLog, RETENTION, type SettledMessage } from './logs/log.ts';
import type { Organisation, Process } from './organisation/types.ts';
import { SECOND } from './time.ts';

export type { SettledLine } from './logs/lines.ts';
export type { LogType, SettledMessage } from './logs/log.ts';

/** Returns every message that Atlas eventually has in a log, in [from, to), whole seconds in ms, in the log's order. */
export function settledMessages(
  organisation: Organisation,
  process: Process,
  type: LogType,
  [from, to]: readonly [number, number],
): SettledMessage[] {
  const log = new ProcessLog(organisation, process, type);
  const messages: SettledMessage[] = [];
  for (let second = from; second < to; second += SECOND) messages.push(...log.messages(second));
  return messages;
}

/**
 * Returns the log that a client sees for a span (whole seconds, ms): the readable messages in it, or those of all chunks
 * that it touches.
 */
export function shownLog(
  organisation: Organisation,
  process: Process,
  type: LogType,
  { start, end, now }: { start: number; end: number; now: number },
): Buffer {
  const log = new ProcessLog(organisation, process, type);
  const { logBounds: bounds, logUnits: units } = organisation;
  const [first, last] = [Math.max(start, floorSecond(now - RETENTION)), Math.min(end, floorSecond(now))];
  const [from, to] =
    units === 'chunks'
      ? [log.chunkStart(log.chunkOf(first)), log.chunkStart(log.chunkOf(last)) + CHUNK - SECOND]
      : [bounds.startsWith('[') ? first : first + SECOND, bounds.endsWith(']') ? last : last - SECOND];
  const pieces: Buffer[] = [];
  for (let second = from; second <= to; second += SECOND) {
    for (const { lines, visibleFrom, visibleUntil } of log.messages(second)) {
      if (now < visibleFrom || now > visibleUntil) continue;
      for (const { bytes } of lines) pieces.push(bytes, LINE_FEED);
    }
  }
  return Buffer.concat(pieces);
}

const LINE_FEED = Buffer.from('\n');

function floorSecond(time: number): number {
  return Math.floor(time / SECOND) * SECOND;
}
