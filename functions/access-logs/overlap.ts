import { SECOND } from '../../shared/durations.ts';

/** The most hashes that are kept of one host: 160 KB of the 400 KB that a cursor item may have. */
export const MOST_HASHES = 20_000;

const HASH_BYTES = 8;
const COUNT_BYTES = 2;

/**
 * What is known of the time just behind the watermark: a hash for every entry with a timestamp in [from, watermark) that is in
 * the lake. Packed as it is stored, in the order of the entries' seconds.
 */
export interface Overlap {
  /** ms, a whole second: from there on the hashes are complete. */
  from: number;
  /** 8 bytes each. */
  hashes: Uint8Array;
  /** For each second from `from` on how many of the hashes are of it: 2 bytes, little-endian. */
  counts: Uint8Array;
}

/** Nothing is known of what lies behind the watermark, and nothing there is read again. */
export function emptyOverlap(watermark: number): Overlap {
  return { from: watermark, hashes: new Uint8Array(0), counts: new Uint8Array(0) };
}

/** How many entries are known of each second, from `from` on. */
export function countsBySecond({ counts }: Pick<Overlap, 'counts'>): number[] {
  const view = new DataView(counts.buffer, counts.byteOffset, counts.byteLength);
  return Array.from({ length: counts.length / COUNT_BYTES }, (_, index) =>
    view.getUint16(index * COUNT_BYTES, true),
  );
}

/** The second (ms) of each known entry, by its hash (`shortHash`). */
export function knownEntries({ from, hashes, counts }: Overlap): Map<string, number> {
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
 * The overlap behind a new watermark. It holds those of the known entries, old and new, that lie in it, so that a window
 * that is shorter than the overlap loses nothing. When they are too many, the overlap shrinks by whole seconds.
 *
 * @param known the second (ms) of each entry that is in the lake: all that the overlap before had, and all that was
 *   read since; of an entry that has been seen with two times the later one
 * @param from from where on they are complete
 * @returns the overlap, and by how many ms the bound made it shorter
 */
export function overlapBehind(
  watermark: number,
  known: ReadonlyMap<string, number>,
  from: number,
): { overlap: Overlap; shrunkBy: number } {
  const seconds = Math.max(0, (watermark - from) / SECOND);
  const bySecond: string[][] = Array.from({ length: seconds }, () => []);
  // Most are before it, and a negative index is slow: arrays look it up as a name.
  for (const [id, second] of known) if (second >= from) bySecond[(second - from) / SECOND]?.push(id);
  let first = seconds;
  for (let total = 0; first > 0; first -= 1) {
    total += bySecond[first - 1]?.length ?? 0;
    if (total > MOST_HASHES) break;
  }
  const kept = bySecond.slice(first);
  const counts = new Uint8Array(kept.length * COUNT_BYTES);
  const view = new DataView(counts.buffer);
  for (const [index, { length }] of kept.entries()) view.setUint16(index * COUNT_BYTES, length, true);
  const hashes = Uint8Array.from(Buffer.from(kept.flat().join(''), 'hex'));
  return { overlap: { from: watermark - kept.length * SECOND, hashes, counts }, shrunkBy: first * SECOND };
}

/** The overlap behind an earlier watermark; empty where that lies before all that is known. */
export function overlapUntil(overlap: Overlap, watermark: number): Overlap {
  if (overlap.from >= watermark) return emptyOverlap(watermark);
  const all = knownEntries(overlap);
  const known = new Map([...all].filter(([, second]) => second < watermark));
  return overlapBehind(watermark, known, overlap.from).overlap;
}
