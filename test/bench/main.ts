import { plainTable } from '../../cli/plain-table.ts';
import { bundles } from './bundles.ts';
import { compaction } from './compaction.ts';
import { throughput } from './throughput.ts';

/** Benchmarks. Each figure is a ratio within one run, since timing on shared machines is noisy. */
await reportThroughput();
await reportBundles();
await reportCompaction();

async function reportThroughput(): Promise<void> {
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
}

async function reportBundles(): Promise<void> {
  process.stdout.write('\nThe bundles of the functions, imported by a fresh Node:\n');
  for (const { name, bytes, importTime } of await bundles()) {
    const size = `${Math.round(bytes / 1000)} KB`.padStart(7);
    process.stdout.write(`  ${name.padEnd(24)} ${size}  ${Math.round(importTime)} ms\n`);
  }
}

async function reportCompaction(): Promise<void> {
  const { rows, comparisons } = await compaction();
  const table = plainTable(
    ['question', 'read before, MB', 'after', 'less by', 'seconds before', 'after', 'faster by'],
    comparisons.map(({ question, ndjson, parquet }) => [
      question,
      ndjson.bytes / 1e6,
      parquet.bytes / 1e6,
      `${(ndjson.bytes / parquet.bytes).toFixed(1)} x`,
      ndjson.milliseconds / 1000,
      parquet.milliseconds / 1000,
      `${(ndjson.milliseconds / parquet.milliseconds).toFixed(1)} x`,
    ]),
  );
  process.stdout.write(
    `\nThirty days of a hundred disks, ${rows.toLocaleString('en-US')} rows, before and after compaction:\n${table}\n`,
  );
}
