import type { Measurement } from '../../shared/lake/table.ts';

/**
 * What Atlas measures of a disk, by the names of its API. A value is the mean over its interval; names that begin
 * with `MAX_` are the greatest one.
 */
export const measurements: readonly Measurement[] = [
  ...withMaximum('DISK_PARTITION_IOPS_READ', 'SCALAR_PER_SECOND', 'Read operations per second.'),
  ...withMaximum('DISK_PARTITION_IOPS_WRITE', 'SCALAR_PER_SECOND', 'Write operations per second.'),
  ...withMaximum('DISK_PARTITION_IOPS_TOTAL', 'SCALAR_PER_SECOND', 'Operations per second.'),
  ...withMaximum('DISK_PARTITION_LATENCY_READ', 'MILLISECONDS', 'Duration of a read operation.'),
  ...withMaximum('DISK_PARTITION_LATENCY_WRITE', 'MILLISECONDS', 'Duration of a write operation.'),
  { name: 'DISK_PARTITION_THROUGHPUT_READ', unit: 'BYTES_PER_SECOND', description: 'Bytes read per second.' },
  {
    name: 'DISK_PARTITION_THROUGHPUT_WRITE',
    unit: 'BYTES_PER_SECOND',
    description: 'Bytes written per second.',
  },
  ...withMaximum('DISK_PARTITION_SPACE_FREE', 'BYTES', 'Free space.'),
  ...withMaximum('DISK_PARTITION_SPACE_USED', 'BYTES', 'Used space.'),
  ...withMaximum('DISK_PARTITION_SPACE_PERCENT_FREE', 'PERCENT', 'Free space as a share of the total.'),
  ...withMaximum('DISK_PARTITION_SPACE_PERCENT_USED', 'PERCENT', 'Used space as a share of the total.'),
  { name: 'DISK_QUEUE_DEPTH', unit: 'SCALAR', description: 'Number of operations that wait for the disk.' },
];

function withMaximum(name: string, unit: string, description: string): Measurement[] {
  return [
    { name, unit, description },
    { name: `MAX_${name}`, unit, description: `${description.slice(0, -1)}; maximum of the interval.` },
  ];
}
