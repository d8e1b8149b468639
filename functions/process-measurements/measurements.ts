import type { Measurement } from '../../shared/lake/table.ts';
import { inUnit, withMaximum } from '../../shared/measurements/dictionary.ts';

/**
 * What Atlas measures of a process and its host, by the names of its API. A value is the mean over its interval; names
 * that begin with `MAX_` are the greatest one. Meanings are those of the serverStatus command and of Linux. Which series
 * a process has depends on its type and tier: a mongos has none of storage and replication.
 */
export const measurements: readonly Measurement[] = [
  ...inUnit('SCALAR_PER_SECOND', {
    ASSERT_REGULAR: 'Regular assertions per second.',
    ASSERT_WARNING: 'Warnings per second.',
    ASSERT_MSG: 'Internal server errors per second.',
    ASSERT_USER: 'Errors per second that requests of users caused.',
  }),
  ...inUnit('BYTES_PER_SECOND', {
    CACHE_BYTES_READ_INTO: 'Bytes read from disk into the WiredTiger cache per second.',
    CACHE_BYTES_WRITTEN_FROM: 'Bytes written from the WiredTiger cache to disk per second.',
  }),
  ...inUnit('BYTES', {
    CACHE_DIRTY_BYTES: 'Bytes in the cache that were changed and are not on disk yet.',
    CACHE_USED_BYTES: 'Bytes in the cache.',
  }),
  ...inUnit('PERCENT', {
    CACHE_FILL_RATIO: 'Used share of the cache.',
    DIRTY_FILL_RATIO: 'Changed share of the cache.',
  }),
  { name: 'CONNECTIONS', unit: 'SCALAR', description: 'Open connections.' },
  ...inUnit('SCALAR_PER_SECOND', {
    CONNECTIONS_ESTABLISHMENT_RATE_LIMIT_REJECTED:
      'Connections per second that were rejected for their rate.',
  }),
  { name: 'CURSORS_TOTAL_OPEN', unit: 'SCALAR', description: 'Open cursors of clients.' },
  ...inUnit('SCALAR_PER_SECOND', { CURSORS_TOTAL_TIMED_OUT: 'Cursors per second that timed out.' }),
  ...inUnit('BYTES', {
    DB_STORAGE_TOTAL: 'Disk space of all collections.',
    DB_DATA_SIZE_TOTAL: 'Uncompressed size of all documents.',
    DB_DATA_SIZE_TOTAL_WO_SYSTEM: 'Uncompressed size of all documents outside the system databases.',
    DB_INDEX_SIZE_TOTAL: 'Disk space of all indexes.',
  }),
  ...inUnit('SCALAR_PER_SECOND', {
    DOCUMENT_METRICS_RETURNED: 'Documents returned per second.',
    DOCUMENT_METRICS_INSERTED: 'Documents inserted per second.',
    DOCUMENT_METRICS_UPDATED: 'Documents updated per second.',
    DOCUMENT_METRICS_DELETED: 'Documents deleted per second.',
    EXTRA_INFO_PAGE_FAULTS: 'Page faults per second.',
  }),
  ...inUnit('SCALAR', {
    GLOBAL_LOCK_CURRENT_QUEUE_TOTAL: 'Operations that wait for a lock.',
    GLOBAL_LOCK_CURRENT_QUEUE_READERS: 'Read operations that wait for a lock.',
    GLOBAL_LOCK_CURRENT_QUEUE_WRITERS: 'Write operations that wait for a lock.',
  }),
  ...inUnit('MEGABYTES', {
    MEMORY_RESIDENT: 'Resident memory of the process.',
    MEMORY_VIRTUAL: 'Virtual memory of the process.',
    MEMORY_MAPPED: 'Mapped memory. Only old storage engines map their files.',
  }),
  ...inUnit('BYTES_PER_SECOND', {
    NETWORK_BYTES_IN: 'Bytes per second that the process received.',
    NETWORK_BYTES_OUT: 'Bytes per second that the process sent.',
  }),
  ...inUnit('SCALAR_PER_SECOND', {
    NETWORK_NUM_REQUESTS: 'Requests per second that the process received.',
    OPCOUNTER_CMD: 'Commands per second.',
    OPCOUNTER_QUERY: 'Queries per second.',
    OPCOUNTER_UPDATE: 'Updates per second.',
    OPCOUNTER_DELETE: 'Deletes per second.',
    OPCOUNTER_TTL_DELETED: 'Documents per second that TTL indexes deleted.',
    OPCOUNTER_GETMORE: 'Reads of a further batch of a cursor per second.',
    OPCOUNTER_INSERT: 'Inserts per second.',
    OPCOUNTER_REPL_CMD: 'Replicated commands per second, on a secondary.',
    OPCOUNTER_REPL_UPDATE: 'Replicated updates per second, on a secondary.',
    OPCOUNTER_REPL_DELETE: 'Replicated deletes per second, on a secondary.',
    OPCOUNTER_REPL_INSERT: 'Replicated inserts per second, on a secondary.',
    OPERATIONS_SCAN_AND_ORDER: 'Queries per second that sorted without an index.',
    OPERATIONS_QUERIES_KILLED: 'Queries per second that were killed.',
  }),
  ...inUnit('MILLISECONDS', {
    OP_EXECUTION_TIME_READS: 'Mean duration of a read operation.',
    OP_EXECUTION_TIME_WRITES: 'Mean duration of a write operation.',
    OP_EXECUTION_TIME_COMMANDS: 'Mean duration of a command.',
  }),
  ...inUnit('SECONDS', {
    OPLOG_SLAVE_LAG_MASTER_TIME: 'How far the process is behind the primary. An older name of the next one.',
    OPLOG_REPLICATION_LAG_TIME: 'How far the process is behind the primary.',
    OPLOG_MASTER_TIME: 'The time that the oplog of the primary covers.',
    OPLOG_MASTER_LAG_TIME_DIFF:
      'The time that the process may still be behind before the oplog is too short.',
  }),
  { name: 'OPLOG_RATE_GB_PER_HOUR', unit: 'GIGABYTES_PER_HOUR', description: 'Growth of the oplog.' },
  ...inUnit('SCALAR_PER_SECOND', {
    QUERY_EXECUTOR_SCANNED: 'Index entries examined per second.',
    QUERY_EXECUTOR_SCANNED_OBJECTS: 'Documents examined per second.',
  }),
  ...inUnit('SCALAR', {
    QUERY_TARGETING_SCANNED_PER_RETURNED: 'Index entries examined for each returned document.',
    QUERY_TARGETING_SCANNED_OBJECTS_PER_RETURNED: 'Documents examined for each returned document.',
    TICKETS_AVAILABLE_READS: 'Read operations that the storage engine could still admit.',
    TICKETS_AVAILABLE_WRITE: 'Write operations that the storage engine could still admit.',
  }),
  ...inUnit('SCALAR_PER_SECOND', {
    OPERATION_THROTTLING_REJECTED_OPERATIONS: 'Operations per second that were rejected because of overload.',
    QUERY_SPILL_TO_DISK_DURING_SORT: 'Sorts per second that used the disk.',
  }),
  ...processors('PROCESS', {
    USER: 'Processor time of the process in user mode',
    KERNEL: 'Processor time of the process in kernel mode',
    CHILDREN_USER: 'Processor time of its child processes in user mode',
    CHILDREN_KERNEL: 'Processor time of its child processes in kernel mode',
  }),
  ...inUnit('BYTES', {
    FTS_PROCESS_RESIDENT_MEMORY: 'Resident memory of Atlas Search.',
    FTS_PROCESS_VIRTUAL_MEMORY: 'Virtual memory of Atlas Search.',
    FTS_PROCESS_SHARED_MEMORY: 'Shared memory of Atlas Search.',
    FTS_DISK_USAGE: 'Disk space of the search indexes.',
  }),
  ...inUnit('PERCENT', {
    FTS_PROCESS_CPU_USER: 'Processor time of Atlas Search in user mode, of one core.',
    FTS_PROCESS_CPU_KERNEL: 'Processor time of Atlas Search in kernel mode, of one core.',
    FTS_PROCESS_NORMALIZED_CPU_USER: 'Processor time of Atlas Search in user mode, of all cores.',
    FTS_PROCESS_NORMALIZED_CPU_KERNEL: 'Processor time of Atlas Search in kernel mode, of all cores.',
  }),
  ...processors('SYSTEM', {
    USER: 'Processor time of the host in user mode',
    KERNEL: 'Processor time of the host in kernel mode',
    NICE: 'Processor time of the host for processes of low priority',
    IOWAIT: 'Time that the host waited for disks',
    IRQ: 'Processor time of the host for hardware interrupts',
    SOFTIRQ: 'Processor time of the host for software interrupts',
    GUEST: 'Processor time of the host for virtual machines',
    STEAL: 'Time that the hypervisor gave to other machines',
  }),
  ...withMaximum('SYSTEM_NETWORK_IN', 'BYTES_PER_SECOND', 'Bytes per second that the host received.'),
  ...withMaximum('SYSTEM_NETWORK_OUT', 'BYTES_PER_SECOND', 'Bytes per second that the host sent.'),
  ...withMaximum('SWAP_IO_IN', 'SCALAR_PER_SECOND', 'Pages per second read from swap space.'),
  ...withMaximum('SWAP_IO_OUT', 'SCALAR_PER_SECOND', 'Pages per second written to swap space.'),
  ...withMaximum('SYSTEM_MEMORY_USED', 'KILOBYTES', 'Used memory of the host.'),
  ...withMaximum('SYSTEM_MEMORY_AVAILABLE', 'KILOBYTES', 'Memory that processes could get without swapping.'),
  ...withMaximum('SYSTEM_MEMORY_FREE', 'KILOBYTES', 'Memory of the host that nothing uses.'),
  ...withMaximum('SYSTEM_MEMORY_SHARED', 'KILOBYTES', 'Shared memory of the host.'),
  ...withMaximum('SYSTEM_MEMORY_CACHED', 'KILOBYTES', 'Memory of the host for cached files.'),
  ...withMaximum('SYSTEM_MEMORY_BUFFERS', 'KILOBYTES', 'Memory of the host for buffers.'),
  ...withMaximum('SWAP_USAGE_USED', 'KILOBYTES', 'Used swap space.'),
  ...withMaximum('SWAP_USAGE_FREE', 'KILOBYTES', 'Free swap space.'),
];

/** Returns the descriptions of shares of processor time: of one core and of all cores, means and maxima. */
function processors(owner: string, shares: Readonly<Record<string, string>>): Measurement[] {
  return Object.entries(shares).flatMap(([share, description]) => [
    ...withMaximum(`${owner}_CPU_${share}`, 'PERCENT', `${description}, of one core.`),
    ...withMaximum(`${owner}_NORMALIZED_CPU_${share}`, 'PERCENT', `${description}, of all cores.`),
  ]);
}
