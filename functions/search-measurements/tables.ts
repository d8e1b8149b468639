import { defineTable } from '../../shared/lake/table.ts';
import { pointColumns, processColumns } from '../../shared/measurements/measurement-table.ts';
import { measurements } from './measurements.ts';

export const searchMeasurements = defineTable({
  name: 'search_measurements',
  description:
    'What Atlas Search used on the host of each mongod and mongos: processors, memory, disk, Java heap. Hosts without it have no rows.',
  columns: [...processColumns, ...pointColumns],
  naturalKey: ['project_id', 'process_id', 'measurement', 'granularity', 'ts'],
  partitionedBy: 'day',
  measurements,
});
