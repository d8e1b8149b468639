import Table from 'cli-table3';
import type { Partition } from './lake-listing.ts';

const SAMPLES = 3;

/** The tree of partitions with rows and bytes, and some rows, for people. */
export function describeLake(bucket: string, partitions: readonly Partition[]): string {
  const table = new Table({
    head: ['table', 'partition', 'objects', 'rows', 'bytes'],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  let last = '';
  for (const { table: name, folder, objects, rows, bytes } of partitions) {
    table.push([name === last ? '' : name, folder, objects, grouped(rows), grouped(bytes)]);
    last = name;
  }
  const total = (pick: (partition: Partition) => number) =>
    partitions.reduce((sum, partition) => sum + pick(partition), 0);
  table.push([
    'all',
    '',
    total(({ objects }) => objects),
    grouped(total(({ rows }) => rows)),
    grouped(total(({ bytes }) => bytes)),
  ]);
  const samples = sampleTables(partitions).slice(0, SAMPLES);
  return [
    `What landed in ${bucket}:`,
    '',
    table.toString(),
    '',
    ...samples.flatMap(({ table: name, sample }) => [`A row of ${name}:`, `  ${sample}`]),
  ].join('\n');
}

/** The last partition of each table that has a row to show. */
function sampleTables(partitions: readonly Partition[]): Array<{ table: string; sample: string }> {
  const samples = new Map<string, string>();
  for (const { table, sample } of partitions) if (sample !== undefined) samples.set(table, sample);
  return [...samples].map(([table, sample]) => ({ table, sample }));
}

/** `12,345,678` */
function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
