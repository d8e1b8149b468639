import { defineTable, revisionColumn } from '../../shared/lake/table.ts';

export const costUsage = defineTable({
  name: 'cost_usage',
  description:
    'What an organisation, each of its projects and each cluster cost, by service and month: a row each time that an amount is another than it was.',
  columns: [
    { name: 'org_id', type: 'string', description: 'The Atlas organisation.' },
    {
      name: 'level',
      type: 'string',
      description:
        'What the amount is of: organisation, project or cluster. A project is part of its organisation and a cluster of its project, so that sums are over one level.',
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
      description: "The cluster's id; null but at its level.",
      example: '64f0a1b2c0eb9e7a17713c01',
    },
    {
      name: 'cluster_name',
      type: 'string',
      nullable: true,
      description: "The cluster's name; null but at its level.",
    },
    {
      name: 'service',
      type: 'string',
      description: 'The service, by the name that Cost Explorer gives it.',
      example: 'Clusters',
    },
    { name: 'ts', type: 'timestamp', description: 'The start of the month.' },
    {
      name: 'amount',
      type: 'double',
      unit: 'US dollars',
      description: 'What it cost in the month, as far as was known then.',
      example: '812.4',
    },
    {
      name: 'amount_change',
      type: 'double',
      unit: 'US dollars',
      description:
        'How much more that is than in the row before: their sum over a level is what is known now.',
      example: '28.15',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the amount was read.' },
    revisionColumn('Rises from row to row of the amount; null in rows of version 0.1.'),
  ],
  naturalKey: ['org_id', 'level', 'project_id', 'cluster_id', 'service', 'ts', 'revision'],
});
