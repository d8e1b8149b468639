import { defineTable } from '../../shared/lake/table.ts';
import { pointColumns, processColumns } from '../../shared/measurements/measurement-table.ts';
import { measurements } from './measurements.ts';

export const processMeasurements = defineTable({
  name: 'process_measurements',
  description:
    'What each mongod and mongos did, and how its host was used: processors, memory, connections, operations, queues, cache, replication, network.',
  columns: [...processColumns, ...pointColumns],
  target: ['process_id'],
  naturalKey: ['project_id', 'process_id', 'measurement', 'granularity', 'ts'],
  partitionedBy: 'day',
  measurements,
});
