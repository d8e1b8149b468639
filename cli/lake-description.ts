import type { Partition } from './lake-listing.ts';
import { plainTable } from './plain-table.ts';

const SAMPLES = 3;

/** Describes a lake for people: its partitions with rows and bytes, and example rows. */
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
      ['total', '', total(({ objects }) => objects), total(({ rows }) => rows), total(({ bytes }) => bytes)],
    ],
  );
  const samples = sampleTables(partitions).slice(0, SAMPLES);
  return [
    `Contents of ${bucket}:`,
    '',
    table,
    '',
    ...samples.flatMap(({ table: name, sample }) => [`Example row of ${name}:`, `  ${sample}`]),
  ].join('\n');
}

/** Returns the newest example row of each table that has one. */
function sampleTables(partitions: readonly Partition[]): Array<{ table: string; sample: string }> {
  const samples = new Map<string, string>();
  for (const { table, sample } of partitions) if (sample !== undefined) samples.set(table, sample);
  return [...samples].map(([table, sample]) => ({ table, sample }));
}
