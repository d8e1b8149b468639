/**
 * A packed set of instants: the exact times of the points of a series that are in the lake. Regular
 * timestamps form one run of a few bytes, whatever their number. Timestamps that jitter take one to three
 * bytes each.
 *
 * The first byte is the unit (0: seconds, 1: milliseconds). Tokens of variable-length numbers follow: the
 * distance from the previous instant, doubled, plus 1 if a run follows. A run has its step and its number of
 * instants.
 */
export type Instants = Uint8Array;

/** The points that are in the lake, by measurement name. */
export type KnownPoints = ReadonlyMap<string, Instants>;

export const NO_INSTANTS: Instants = new Uint8Array(0);

/** Minimum length of a run. Shorter progressions take less space as single instants. */
const SHORTEST_RUN = 4;

/** Packs instants (ms since the epoch, ascending, without duplicates). */
export function packInstants(ascending: readonly number[]): Instants {
  if (ascending.length === 0) return NO_INSTANTS;
  const seconds = ascending.every((instant) => instant % 1000 === 0);
  const unit = seconds ? 1000 : 1;
  const bytes: number[] = [seconds ? 0 : 1];
  let last = 0;
  for (let place = 0; place < ascending.length; ) {
    const first = (ascending[place] ?? 0) / unit;
    const count = progressionFrom(ascending, place);
    const isRun = count >= SHORTEST_RUN;
    pushNumber(bytes, (first - last) * 2 + (isRun ? 1 : 0));
    last = first;
    if (isRun) {
      const step = ((ascending[place + 1] ?? 0) - (ascending[place] ?? 0)) / unit;
      pushNumber(bytes, step);
      pushNumber(bytes, count);
      last += step * (count - 1);
    }
    place += isRun ? count : 1;
  }
  return Uint8Array.from(bytes);
}

/** Returns the instants of a set, ascending. */
export function unpackInstants(set: Instants): number[] {
  const instants: number[] = [];
  const unit = set[0] === 0 ? 1000 : 1;
  const reader = { set, place: 1 };
  let last = 0;
  while (reader.place < set.length) {
    const token = readNumber(reader);
    last += Math.floor(token / 2);
    instants.push(last * unit);
    if (token % 2 === 0) continue;
    const step = readNumber(reader);
    for (let left = readNumber(reader) - 1; left > 0; left -= 1) {
      last += step;
      instants.push(last * unit);
    }
  }
  return instants;
}

/** Returns the index of the first instant at or after a time in an ascending list. */
export function insertionIndex(ascending: readonly number[], time: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? time) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Merges two ascending lists into one. */
export function mergedInstants(a: readonly number[], b: readonly number[]): number[] {
  const [lastOfA, firstOfB] = [a.at(-1), b[0]];
  if (lastOfA === undefined || firstOfB === undefined || lastOfA < firstOfB) return [...a, ...b];
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

/** Returns how many instants from an index on have equal distances. */
function progressionFrom(ascending: readonly number[], place: number): number {
  const first = ascending[place];
  const second = ascending[place + 1];
  if (first === undefined || second === undefined) return 1;
  const step = second - first;
  let count = 2;
  while (ascending[place + count] === first + count * step) count += 1;
  return count;
}

/**
 * Appends a number with seven bits per byte, low bits first. It may exceed 32 bits, so shifts do not work.
 */
function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function readNumber(reader: { readonly set: Instants; place: number }): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.set[reader.place] ?? 0;
    reader.place += 1;
    value += (byte % 128) * factor;
    if (byte < 128) return value;
  }
}
