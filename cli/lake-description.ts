import type { Partition } from './lake-listing.ts';
import { plainTable } from './plain-table.ts';

/** Describes a lake for people: its tables with days, objects, rows and compressed size. */
export function describeLake(bucket: string, partitions: readonly Partition[]): string {
  const byTable = Map.groupBy(partitions, ({ table }) => table);
  const line = (name: string, of: readonly Partition[]) => {
    const total = (pick: (partition: Partition) => number) =>
      of.reduce((sum, partition) => sum + pick(partition), 0);
    const days = new Set(of.map(({ folder }) => folder)).size;
    const megabytes = Math.round(total(({ bytes }) => bytes) / 1e5) / 10;
    return [name, days, total(({ objects }) => objects), total(({ rows }) => rows), megabytes];
  };
  return [
    `Contents of ${bucket}:`,
    '',
    plainTable(
      ['table', 'days', 'objects', 'rows', 'MB'],
      [...[...byTable].map(([name, of]) => line(name, of)), line('total', partitions)],
    ),
  ].join('\n');
}
