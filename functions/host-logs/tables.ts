import { defineTable } from '../../shared/lake/table.ts';
import { idColumns, LINE_COLUMNS, LOG_COLUMNS } from '../../shared/logs/columns.ts';

export const hostLogs = defineTable({
  name: 'host_logs',
  description: 'The lines that mongod and mongos write to their logs.',
  columns: [
    ...LOG_COLUMNS,
    {
      name: 'severity',
      type: 'string',
      nullable: true,
      description: 'How severe the message is: F (fatal), E (error), W (warning), I, or D1 to D5.',
      example: 'I',
    },
    {
      name: 'component',
      type: 'string',
      nullable: true,
      description: 'The part of the server that wrote the line.',
      example: 'NETWORK',
    },
    {
      name: 'log_id',
      type: 'bigint',
      nullable: true,
      description: "MongoDB's number of the statement that wrote the line.",
      example: '22943',
    },
    {
      name: 'context',
      type: 'string',
      nullable: true,
      description: 'The thread that wrote the line.',
      example: 'listener',
    },
    {
      name: 'message',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description: 'The message, the same for every line of one `log_id`.',
      example: 'Connection accepted',
    },
    {
      name: 'attributes',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description: 'The details of the message, as JSON.',
      example: '{"remote":"10.1.2.3:40412","connectionId":817}',
    },
    ...LINE_COLUMNS,
    ...idColumns(['message', 'attributes']),
  ],
  naturalKey: ['project_id', 'record_id'],
  partitionedBy: 'day',
});
