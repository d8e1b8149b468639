/** How many histories a test run simulates: enough to notice a bug, in half a minute. CI simulates 2,000. */
const HISTORIES = Number(process.env['SIMULATION_HISTORIES'] ?? 100);

/** Seeds are the same each time, unless the environment sets others. */
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

/** Returns the seeds of one of the two test files. */
export function halfOfSeeds(which: 'first' | 'second'): number[] {
  const middle = Math.ceil(HISTORIES / 2);
  const [from, to] = which === 'first' ? [0, middle] : [middle, HISTORIES];
  return Array.from({ length: to - from }, (_, index) => FIRST_SEED + from + index);
}
