/** How many histories a test run lives through: enough to notice a slip, in half a minute. CI lives through 2,000. */
const HISTORIES = Number(process.env['SIMULATION_HISTORIES'] ?? 100);

/** The same seeds each time, unless others are asked for. */
const FIRST_SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

/** The seeds of one of the two test files. */
export function half(which: 'first' | 'second'): number[] {
  const middle = Math.ceil(HISTORIES / 2);
  const [from, to] = which === 'first' ? [0, middle] : [middle, HISTORIES];
  return Array.from({ length: to - from }, (_, index) => FIRST_SEED + from + index);
}
