import { defineTable, revisionColumn } from '../../shared/lake/table.ts';

export const costUsage = defineTable({
  name: 'cost_usage',
  description:
    'Costs of an organisation, its projects and its clusters by service and month: one row each time that an amount changes.',
  columns: [
    { name: 'org_id', type: 'string', description: 'The Atlas organisation.' },
    {
      name: 'level',
      type: 'string',
      description:
        'The level of the amount: organisation, project or cluster. Sum over one level only: a project includes its clusters, and an organisation its projects.',
      example: 'project',
    },
    {
      name: 'project_id',
      type: 'string',
      nullable: true,
      description: 'The Atlas project; null for the organisation.',
    },
    {
      name: 'cluster_id',
      type: 'string',
      nullable: true,
      description: "The cluster's id; null at other levels.",
      example: '64f0a1b2c0eb9e7a17713c01',
    },
    {
      name: 'cluster_name',
      type: 'string',
      nullable: true,
      description: "The cluster's name; null at other levels.",
    },
    {
      name: 'service',
      type: 'string',
      description: 'The service, as Cost Explorer names it.',
      example: 'Clusters',
    },
    { name: 'ts', type: 'timestamp', description: 'The start of the month.' },
    {
      name: 'amount',
      type: 'double',
      unit: 'US dollars',
      description: 'The cost in the month, as known when it was read.',
      example: '812.4',
    },
    {
      name: 'amount_change',
      type: 'double',
      unit: 'US dollars',
      description:
        'The difference from the previous row of this amount. The sum over one level is the cost as known now.',
      example: '28.15',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the amount was read.' },
    revisionColumn('The number of the row, increasing within the amount; null in rows from before 0.1.0.'),
  ],
  naturalKey: ['org_id', 'level', 'project_id', 'cluster_id', 'service', 'ts', 'revision'],
  // Its days are first days of months.
  partitionedBy: 'day',
});
