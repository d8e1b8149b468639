import { floorTo, SECOND } from '../durations.ts';
import type { NewEntry } from '../histories/merge.ts';
import { utcDay } from '../lake/format.ts';
import type { LogEntry } from './log-kind.ts';

/** How much of a day's log has been written. */
export interface Volume {
  /** The UTC day of the lines. */
  day: string;
  /** Bytes of the lines, uncompressed. */
  bytes: number;
  /** The limit that the day has exceeded, bytes; null if it has not. A higher limit opens the day again. */
  exceeded: number | null;
}

export function emptyVolume(instant: number): Volume {
  return { day: utcDay(instant), bytes: 0, exceeded: null };
}

/** Returns the volume of the day of an instant. */
export function volumeAt(volume: Volume, instant: number): Volume {
  return volume.day === utcDay(instant) ? volume : emptyVolume(instant);
}

/** Returns whether nothing more of the volume's day is read. */
export function isExhausted({ exceeded }: Volume, limit: number): boolean {
  return exceeded !== null && limit <= exceeded;
}

/** The lines that a limit admits. */
export interface Admitted {
  entries: NewEntry<LogEntry>[];
  volume: Volume;
  /** The first second (ms) that does not fit; null if all do. */
  lostFrom: number | null;
}

/**
 * Admits new lines of one day, second by second, until one does not fit. Lines before the watermark came late and are
 * always admitted: what surrounds them is in the lake, so a gap there would be wrong.
 *
 * @param limit bytes of uncompressed lines
 */
export function admit(
  entries: readonly NewEntry<LogEntry>[],
  { volume, watermark, limit }: { volume: Volume; watermark: number; limit: number },
): Admitted {
  const bySecond = new Map<number, number>();
  for (const { entry } of entries) {
    const second = floorTo(entry.time, SECOND);
    if (second >= watermark) bySecond.set(second, (bySecond.get(second) ?? 0) + entry.bytes);
  }
  let { bytes } = volume;
  let lostFrom: number | null = null;
  for (const [second, more] of [...bySecond].sort(([a], [b]) => a - b)) {
    if (bytes + more > limit) {
      lostFrom = second;
      break;
    }
    bytes += more;
  }
  const end = lostFrom ?? Number.POSITIVE_INFINITY;
  return {
    entries: entries.filter(({ entry }) => entry.time < end),
    volume: { ...volume, bytes, exceeded: lostFrom === null ? volume.exceeded : limit },
    lostFrom,
  };
}
