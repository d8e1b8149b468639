import { defineTable } from '../../shared/lake/table.ts';
import { pointColumns, processColumns } from '../../shared/measurements/measurement-table.ts';
import { measurements } from './measurements.ts';

export const diskMeasurements = defineTable({
  name: 'disk_measurements',
  description: 'What each disk of each process did and held: operations, latency, throughput, space.',
  columns: [
    ...processColumns,
    { name: 'partition_name', type: 'string', description: 'The disk or partition.' },
    ...pointColumns,
  ],
  target: ['process_id', 'partition_name'],
  naturalKey: ['project_id', 'process_id', 'partition_name', 'measurement', 'granularity', 'ts'],
  partitionedBy: 'day',
  measurements,
});
