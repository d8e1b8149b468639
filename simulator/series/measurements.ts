/** A series that Atlas has for each database or disk. */
export interface Measurement {
  name: string;
  units: 'BYTES' | 'BYTES_PER_SECOND' | 'MILLISECONDS' | 'PERCENT' | 'SCALAR' | 'SCALAR_PER_SECOND';
  /** Whether each point is a rate between two samples: the first point of every response is then null. */
  rate: boolean;
}

// In the order in which Atlas returns them.

export const DATABASE_MEASUREMENTS: readonly Measurement[] = [
  { name: 'DATABASE_AVERAGE_OBJECT_SIZE', units: 'BYTES', rate: false },
  { name: 'DATABASE_COLLECTION_COUNT', units: 'SCALAR', rate: false },
  { name: 'DATABASE_DATA_SIZE', units: 'BYTES', rate: false },
  { name: 'DATABASE_STORAGE_SIZE', units: 'BYTES', rate: false },
  { name: 'DATABASE_INDEX_SIZE', units: 'BYTES', rate: false },
  { name: 'DATABASE_INDEX_COUNT', units: 'SCALAR', rate: false },
  { name: 'DATABASE_EXTENT_COUNT', units: 'SCALAR', rate: false },
  { name: 'DATABASE_OBJECT_COUNT', units: 'SCALAR', rate: false },
  { name: 'DATABASE_VIEW_COUNT', units: 'SCALAR', rate: false },
];

export const DISK_MEASUREMENTS: readonly Measurement[] = [
  { name: 'DISK_PARTITION_IOPS_READ', units: 'SCALAR_PER_SECOND', rate: true },
  { name: 'DISK_PARTITION_IOPS_WRITE', units: 'SCALAR_PER_SECOND', rate: true },
  { name: 'DISK_PARTITION_IOPS_TOTAL', units: 'SCALAR_PER_SECOND', rate: true },
  { name: 'DISK_PARTITION_LATENCY_READ', units: 'MILLISECONDS', rate: true },
  { name: 'DISK_PARTITION_LATENCY_WRITE', units: 'MILLISECONDS', rate: true },
  { name: 'DISK_PARTITION_THROUGHPUT_READ', units: 'BYTES_PER_SECOND', rate: true },
  { name: 'DISK_PARTITION_THROUGHPUT_WRITE', units: 'BYTES_PER_SECOND', rate: true },
  { name: 'DISK_PARTITION_SPACE_FREE', units: 'BYTES', rate: false },
  { name: 'DISK_PARTITION_SPACE_USED', units: 'BYTES', rate: false },
  { name: 'DISK_PARTITION_SPACE_PERCENT_FREE', units: 'PERCENT', rate: false },
  { name: 'DISK_PARTITION_SPACE_PERCENT_USED', units: 'PERCENT', rate: false },
  { name: 'DISK_QUEUE_DEPTH', units: 'SCALAR', rate: false },
  { name: 'MAX_DISK_PARTITION_IOPS_READ', units: 'SCALAR_PER_SECOND', rate: true },
  { name: 'MAX_DISK_PARTITION_IOPS_WRITE', units: 'SCALAR_PER_SECOND', rate: true },
  { name: 'MAX_DISK_PARTITION_IOPS_TOTAL', units: 'SCALAR_PER_SECOND', rate: true },
  { name: 'MAX_DISK_PARTITION_LATENCY_READ', units: 'MILLISECONDS', rate: true },
  { name: 'MAX_DISK_PARTITION_LATENCY_WRITE', units: 'MILLISECONDS', rate: true },
  { name: 'MAX_DISK_PARTITION_SPACE_FREE', units: 'BYTES', rate: false },
  { name: 'MAX_DISK_PARTITION_SPACE_USED', units: 'BYTES', rate: false },
  { name: 'MAX_DISK_PARTITION_SPACE_PERCENT_FREE', units: 'PERCENT', rate: false },
  { name: 'MAX_DISK_PARTITION_SPACE_PERCENT_USED', units: 'PERCENT', rate: false },
];
