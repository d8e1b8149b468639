import type { Measurement } from './measurements.ts';

/** The series of Atlas Search's hardware, in the order in which Atlas returns them. Source: MongoDB's reference. */
export const SEARCH_HARDWARE: readonly Measurement[] = [
  { name: 'FTS_DISK_USAGE', units: 'BYTES', rate: false },
  { name: 'FTS_PROCESS_CPU_USER', units: 'PERCENT', rate: true },
  { name: 'FTS_PROCESS_CPU_KERNEL', units: 'PERCENT', rate: true },
  { name: 'FTS_PROCESS_NORMALIZED_CPU_USER', units: 'PERCENT', rate: true },
  { name: 'FTS_PROCESS_NORMALIZED_CPU_KERNEL', units: 'PERCENT', rate: true },
  { name: 'FTS_PROCESS_RESIDENT_MEMORY', units: 'BYTES', rate: false },
  { name: 'FTS_PROCESS_VIRTUAL_MEMORY', units: 'BYTES', rate: false },
  { name: 'FTS_PROCESS_SHARED_MEMORY', units: 'BYTES', rate: false },
];

/** The series of its status. */
export const SEARCH_STATUS: readonly Measurement[] = [
  { name: 'JVM_CURRENT_MEMORY', units: 'MEGABYTES', rate: false },
  { name: 'JVM_MAX_MEMORY', units: 'MEGABYTES', rate: false },
];

export const SEARCH_MEASUREMENTS: readonly Measurement[] = [...SEARCH_HARDWARE, ...SEARCH_STATUS];

/** Typical values. Each host varies by a factor of 1 to 4. */
export const SEARCH_LEVELS: Readonly<Record<string, number>> = {
  FTS_DISK_USAGE: 39_000_000,
  FTS_PROCESS_CPU_USER: 9,
  FTS_PROCESS_CPU_KERNEL: 2,
  FTS_PROCESS_RESIDENT_MEMORY: 390_000_000,
  FTS_PROCESS_VIRTUAL_MEMORY: 3_350_000_000,
  FTS_PROCESS_SHARED_MEMORY: 15_700_000,
  JVM_CURRENT_MEMORY: 130,
  JVM_MAX_MEMORY: 510,
};
