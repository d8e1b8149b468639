import { defineTable } from '../../shared/lake/table.ts';
import { pointColumns, processColumns } from '../../shared/measurements/measurement-table.ts';
import { measurements } from './measurements.ts';

export const databaseMeasurements = defineTable({
  name: 'database_measurements',
  description: 'What each database of each process held: sizes and counts, from the dbStats command.',
  columns: [
    ...processColumns,
    { name: 'database_name', type: 'string', description: 'The database.' },
    ...pointColumns,
  ],
  target: ['process_id', 'database_name'],
  naturalKey: ['project_id', 'process_id', 'database_name', 'measurement', 'granularity', 'ts'],
  partitionedBy: 'day',
  measurements,
});
