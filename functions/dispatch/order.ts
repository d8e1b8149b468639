/** The fractional part of the golden ratio. Its multiples spread over the unit interval more evenly than those of any other number. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Returns the subjects of a tick in the order in which they are sent. Each tick starts at another place of the list, and
 * the places spread evenly: if a tick serves only the first `n` of `N` subjects, any `3 N / n` ticks in a row serve all.
 *
 * @param tick ms since the epoch
 * @param everyMinutes the minutes between two ticks of the dataset
 */
export function inOrderOfTick<T>(list: readonly T[], tick: number, everyMinutes: number): T[] {
  const turns = Math.floor(tick / (everyMinutes * 60_000)) * GOLDEN;
  const start = Math.floor((turns - Math.floor(turns)) * list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}
