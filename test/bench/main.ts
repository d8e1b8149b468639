import { bundles } from './bundles.ts';
import { throughput } from './throughput.ts';

/** Benchmarks. Each figure is a ratio within one run, since timing on shared machines is noisy. */
const { floor, collector, points } = await throughput();
const perSecond = (milliseconds: number) =>
  Math.round(points / (milliseconds / 1000)).toLocaleString('en-US');
process.stdout.write(
  `${[
    `From response bytes to gzip object, ${points.toLocaleString('en-US')} points of a disk, one core:`,
    `  floor (JSON.parse, JSON.stringify, gzip)  ${perSecond(floor)} points/s`,
    `  collector                                 ${perSecond(collector)} points/s`,
    `  ratio of times                            ${(collector / floor).toFixed(2)}`,
  ].join('\n')}\n`,
);

process.stdout.write('\nThe bundles of the functions, imported by a fresh Node:\n');
for (const { name, bytes, importTime } of await bundles()) {
  const size = `${Math.round(bytes / 1000)} KB`.padStart(7);
  process.stdout.write(`  ${name.padEnd(24)} ${size}  ${Math.round(importTime)} ms\n`);
}
