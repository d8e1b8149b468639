/** Milliseconds of this process. The least of several tries, since others use the machine as well. */
export function cpuTime(work: () => void, tries = 3): number {
  let least = Infinity;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

/** Between the 2 of linear and the 4 of quadratic time. */
export const MOST_GROWTH = 3.2;

/** Milliseconds below which a time says nothing about growth. */
const MEASURABLE = 20;

/** Ratios that are measured, of which the least counts: a collection of garbage can fall into any of them. */
const RATIOS = 6;

/**
 * How much longer twice the input takes: 2 where time grows with it, 4 where it grows with its square. The input doubles
 * until it takes a time that can be measured, or is longer than anything that Atlas sends.
 */
export function growthOf(work: (text: string) => void, textOf: (length: number) => string): number {
  for (let length = 4_096; length <= 2_097_152; length *= 2) {
    const [shorter, longer] = [textOf(length), textOf(2 * length)];
    const time = cpuTime(() => work(shorter), 1);
    if (time < MEASURABLE) continue;
    const ratio = () => cpuTime(() => work(longer)) / cpuTime(() => work(shorter));
    let least = ratio();
    for (let count = 1; count < RATIOS && least > MOST_GROWTH; count += 1) least = Math.min(least, ratio());
    return least;
  }
  return 1;
}
