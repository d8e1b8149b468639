import type { Measurement } from '../../shared/lake/table.ts';
import { inUnit } from '../../shared/measurements/dictionary.ts';

/**
 * What Atlas measures of Atlas Search on a host, by the names of its API. Series that Atlas does not document, such as
 * PAGE_FAULTS, are written as well.
 */
export const measurements: readonly Measurement[] = [
  ...inUnit('BYTES', {
    FTS_DISK_USAGE: 'Disk space that Atlas Search uses.',
    FTS_PROCESS_RESIDENT_MEMORY: 'Resident memory of Atlas Search.',
    FTS_PROCESS_SHARED_MEMORY: 'Shared memory of Atlas Search.',
    FTS_PROCESS_VIRTUAL_MEMORY: 'Virtual memory of Atlas Search.',
  }),
  ...inUnit('PERCENT', {
    FTS_PROCESS_CPU_KERNEL: 'Processor time of Atlas Search in kernel mode, of one core.',
    FTS_PROCESS_CPU_USER: 'Processor time of Atlas Search in user mode, of one core.',
    FTS_PROCESS_NORMALIZED_CPU_KERNEL: 'Processor time of Atlas Search in kernel mode, of all cores.',
    FTS_PROCESS_NORMALIZED_CPU_USER: 'Processor time of Atlas Search in user mode, of all cores.',
  }),
  ...inUnit('MEGABYTES', {
    JVM_CURRENT_MEMORY: 'Used heap of the Java virtual machine of Atlas Search.',
    JVM_MAX_MEMORY: 'Maximum heap of the Java virtual machine of Atlas Search.',
  }),
];
