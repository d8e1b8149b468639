import { searchMeasurements } from '../../functions/search-measurements/tables.ts';
import type { View } from '../view.ts';
import { type Quantity, quantitiesByHour, quantityColumns } from './hourly-quantities.ts';

const MEBIBYTE = '1048576e0';

const QUANTITIES: readonly Quantity[] = [
  {
    name: 'cpu_user_percent',
    unit: 'percent',
    of: 'processor time of Atlas Search in user mode',
    measurement: 'FTS_PROCESS_NORMALIZED_CPU_USER',
  },
  {
    name: 'cpu_kernel_percent',
    unit: 'percent',
    of: 'processor time of Atlas Search in kernel mode',
    measurement: 'FTS_PROCESS_NORMALIZED_CPU_KERNEL',
  },
  {
    name: 'memory_resident_bytes',
    unit: 'bytes',
    of: 'resident memory of Atlas Search',
    measurement: 'FTS_PROCESS_RESIDENT_MEMORY',
  },
  {
    name: 'heap_used_bytes',
    unit: 'bytes',
    of: 'used Java heap of Atlas Search',
    measurement: 'JVM_CURRENT_MEMORY',
    factor: MEBIBYTE,
  },
  {
    name: 'heap_limit_bytes',
    unit: 'bytes',
    of: 'limit of the Java heap of Atlas Search',
    measurement: 'JVM_MAX_MEMORY',
    factor: MEBIBYTE,
  },
  {
    name: 'disk_bytes',
    unit: 'bytes',
    of: 'disk space that Atlas Search uses',
    measurement: 'FTS_DISK_USAGE',
  },
];

export const searchHealth: View = {
  name: 'search_health',
  description:
    'Processor, memory, Java heap and disk space of Atlas Search on each host by hour, with maxima. Shares of processor time are of all cores. Values with granularity P1D are excluded.',
  columns: quantityColumns(searchMeasurements, QUANTITIES),
  reads: 'that day',
  query: ({ from }) => quantitiesByHour('search_measurements', QUANTITIES, from),
};
