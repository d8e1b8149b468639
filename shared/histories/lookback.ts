import { SECOND } from '../durations.ts';

/** The maximum number of hashes kept per target: 160 KB of the 400 KB that a cursor item may have. */
export const MAX_HASHES = 20_000;

/** Hexadecimal digits of the 64 bits that are kept of an id. */
const SHORT_DIGITS = 16;

const HASH_BYTES = 8;
const COUNT_BYTES = 2;

/**
 * What is known of the time just before the watermark: a hash for every entry in the lake with a timestamp in [from,
 * watermark). It is packed as it is stored, in the order of the entries' seconds.
 */
export interface Lookback {
  /** The instant from which the hashes are complete: ms, a whole second. */
  from: number;
  /** 8 bytes each. */
  hashes: Uint8Array;
  /** The number of hashes in each second since `from`: 2 bytes, little-endian. */
  counts: Uint8Array;
}

/**
 * Returns the part of an id that is kept. The ids are hexadecimal digits of a hash. The chance that two of the 20,000
 * are equal is below one in 10^10.
 */
export function shortHash(id: string): string {
  return id.slice(0, SHORT_DIGITS);
}

/** Returns a lookback that knows nothing before the watermark; no run reads that time again. */
export function emptyLookback(watermark: number): Lookback {
  return { from: watermark, hashes: new Uint8Array(0), counts: new Uint8Array(0) };
}

/** Returns the number of known entries in each second since `from`. */
export function countsBySecond({ counts }: Pick<Lookback, 'counts'>): number[] {
  const view = new DataView(counts.buffer, counts.byteOffset, counts.byteLength);
  return Array.from({ length: counts.length / COUNT_BYTES }, (_, index) =>
    view.getUint16(index * COUNT_BYTES, true),
  );
}

/** Returns the second (ms) of each known entry, by its hash (`shortHash`). */
export function knownEntries({ from, hashes, counts }: Lookback): Map<string, number> {
  const known = new Map<string, number>();
  const text = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength).toString('hex');
  let place = 0;
  for (const [index, count] of countsBySecond({ counts }).entries()) {
    for (let left = count; left > 0; left -= 1) {
      known.set(text.slice(2 * HASH_BYTES * place, 2 * HASH_BYTES * (place + 1)), from + index * SECOND);
      place += 1;
    }
  }
  return known;
}

/**
 * Returns the lookback before a new watermark. It holds the known entries, old and new, that lie in it, so that a window
 * shorter than the lookback loses none. When there are too many, the lookback shrinks by whole seconds.
 *
 * @param known the second (ms) of each entry in the lake: all of the previous lookback and all that was read since; the
 *   later second for an entry that was seen with two times
 * @param from the instant from which they are complete
 * @returns the lookback, and by how many ms the limit shortened it
 */
export function lookbackBehind(
  watermark: number,
  known: ReadonlyMap<string, number>,
  from: number,
): { lookback: Lookback; shrunkBy: number } {
  const seconds = Math.max(0, (watermark - from) / SECOND);
  const bySecond: string[][] = Array.from({ length: seconds }, () => []);
  // Most entries lie before `from`. A negative index is slow, because arrays look it up as a name.
  for (const [id, second] of known) if (second >= from) bySecond[(second - from) / SECOND]?.push(id);
  let first = seconds;
  for (let total = 0; first > 0; first -= 1) {
    total += bySecond[first - 1]?.length ?? 0;
    if (total > MAX_HASHES) break;
  }
  const kept = bySecond.slice(first);
  const counts = new Uint8Array(kept.length * COUNT_BYTES);
  const view = new DataView(counts.buffer);
  for (const [index, { length }] of kept.entries()) view.setUint16(index * COUNT_BYTES, length, true);
  const hashes = Uint8Array.from(Buffer.from(kept.flat().join(''), 'hex'));
  return { lookback: { from: watermark - kept.length * SECOND, hashes, counts }, shrunkBy: first * SECOND };
}

/** Returns the lookback before an earlier watermark; empty when that watermark precedes everything known. */
export function lookbackUntil(lookback: Lookback, watermark: number): Lookback {
  if (lookback.from >= watermark) return emptyLookback(watermark);
  const all = knownEntries(lookback);
  const known = new Map([...all].filter(([, second]) => second < watermark));
  return lookbackBehind(watermark, known, lookback.from).lookback;
}
