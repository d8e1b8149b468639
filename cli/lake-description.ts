import type { Partition } from './lake-listing.ts';
import { plainTable } from './plain-table.ts';

const SAMPLES = 3;

/** The tree of partitions with rows and bytes, and some rows, for people. */
export function describeLake(bucket: string, partitions: readonly Partition[]): string {
  const total = (pick: (partition: Partition) => number) =>
    partitions.reduce((sum, partition) => sum + pick(partition), 0);
  const table = plainTable(
    ['table', 'partition', 'objects', 'rows', 'bytes'],
    [
      ...partitions.map(({ table: name, folder, objects, rows, bytes }, index) => [
        name === partitions[index - 1]?.table ? '' : name,
        folder,
        objects,
        rows,
        bytes,
      ]),
      ['all', '', total(({ objects }) => objects), total(({ rows }) => rows), total(({ bytes }) => bytes)],
    ],
  );
  const samples = sampleTables(partitions).slice(0, SAMPLES);
  return [
    `What landed in ${bucket}:`,
    '',
    table,
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
