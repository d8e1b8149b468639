import { DAY, SECOND } from '../../../../shared/durations.ts';
import type { ExpectedLine } from '../../../support/expected-logs.ts';
import type { Advance } from './advances.ts';
import { floorTo, formatInstant } from './instants.ts';
import { type CommittedRow, endOf } from './lake.ts';
import { settingsOf } from './runs.ts';
import type { Watermarks } from './watermarks.ts';

/** What decides how much of a log a day may have. */
export interface LogVolume extends Pick<Watermarks, 'gaps' | 'advances' | 'runs'> {
  /** The lines of the days that the watermark passed and backfills read, in order. */
  lines: readonly ExpectedLine[];
  /** The rows that runs wrote, deleted or not. */
  collected: readonly CommittedRow[];
}

/** Returns whether a gap is the rest of a day whose volume is exhausted. */
export function isVolume({ values }: CommittedRow): boolean {
  return String(values['reason']).includes('bytes of a day that maxBytesPerDay allows');
}

/** Returns whether the next second of a day would have exceeded the limit, or an earlier one has. */
export function isExhausted(volume: LogVolume, gap: CommittedRow, { run }: Advance): boolean {
  const { gaps, collected, lines } = volume;
  const limit = settingsOf(run).maxBytesPerDay ?? Number.POSITIVE_INFINITY;
  const day = floorTo(gap.ts, DAY);
  if (endOf(gap) > day + DAY) return false;
  // Atlas may have deleted what lies between two gaps of the same day.
  const continues = (other: CommittedRow) =>
    isVolume(other) &&
    other.ts >= day &&
    endOf(other) <= gap.ts &&
    !collected.some(({ ts }) => ts >= endOf(other) && ts < gap.ts);
  if (gaps.some(continues)) return true;
  const next = linesBetween(lines, gap.ts, gap.ts + SECOND);
  return written(volume, day, gap.ts) + next.reduce((sum, { line }) => sum + line.bytes.length, 0) > limit;
}

/** Checks that no day has more bytes of runs than a configuration allows. */
export function checkVolume(volume: LogVolume): string[] {
  const { collected, runs } = volume;
  const limit = Math.max(0, ...runs.map((run) => settingsOf(run).maxBytesPerDay ?? 0));
  const days = new Set(collected.map(({ ts }) => floorTo(ts, DAY)));
  return [...days].flatMap((day) => {
    const bytes = written(volume, day, day + DAY);
    return bytes > limit ? [`${bytes} bytes on ${formatInstant(day)}, more than ${limit}`] : [];
  });
}

/** Returns the bytes that runs wrote of a span, without those of lines that came late. */
function written({ collected, advances }: LogVolume, from: number, to: number): number {
  const starts = new Map<number, number>();
  for (const { sequence, start } of advances)
    starts.set(sequence, Math.min(starts.get(sequence) ?? start, start));
  return collected
    .filter(({ ts, sequence }) => ts >= from && ts < to && ts >= (starts.get(sequence) ?? Infinity))
    .reduce((sum, { values }) => sum + Number(values['line_bytes']), 0);
}

/** Returns the lines of a span. */
export function linesBetween(
  lines: readonly ExpectedLine[],
  from: number,
  to: number,
): readonly ExpectedLine[] {
  const place = (second: number) => {
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lines[middle]?.message.second ?? second) < second) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return lines.slice(place(from), place(to));
}
