import { defineTable, revisionColumn } from '../../shared/lake/table.ts';

export const inventory = defineTable({
  name: 'inventory',
  description:
    'Resources of projects and organisations and their changes: one row each time that a resource is added, changed or removed, and one row for each at least once a week.',
  columns: [
    {
      name: 'project_id',
      type: 'string',
      nullable: true,
      description: 'The Atlas project; null for a resource that belongs only to an organisation.',
    },
    { name: 'org_id', type: 'string', nullable: true, description: 'The Atlas organisation.' },
    {
      name: 'resource_type',
      type: 'string',
      description: 'The type of resource, as in docs/coverage.md: cluster, project_user, …',
    },
    {
      name: 'parent',
      type: 'string',
      nullable: true,
      description:
        'The parent within the project or organisation: a cluster, instance, process or provider; several are joined by slashes.',
    },
    { name: 'resource_id', type: 'string', description: 'The id, unique for the resource type and parent.' },
    {
      name: 'name',
      type: 'string',
      nullable: true,
      description: 'The name, if the resource has one besides its id; for a user, the email address.',
      personal: 'mention',
    },
    {
      name: 'change',
      type: 'string',
      description:
        'added, changed, removed or snapshot. A snapshot repeats an unchanged resource, so that older days can be deleted.',
      example: 'changed',
    },
    {
      name: 'changed_fields',
      type: 'string',
      nullable: true,
      description: 'For a change, the top-level fields that differ, as a JSON array of names.',
    },
    {
      name: 'content_hash',
      type: 'string',
      description:
        'A hash of the content; for a removed resource, of its last content. Equal hashes mean equal content.',
    },
    {
      name: 'document',
      type: 'string',
      nullable: true,
      description:
        'The complete resource as Atlas returned it, as JSON, without secrets; null if it was removed.',
      example: '{"id":"69a4b1f2c0eb9e7a17713b07","roles":["GROUP_OWNER"],…}',
      personal: 'mention',
    },
    {
      name: 'ts',
      type: 'timestamp',
      description: 'When the change was observed. It happened after the previous run.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the resource was read.' },
    revisionColumn('The number of the row, increasing within the resource; null in rows from before 0.1.0.'),
  ],
  naturalKey: ['project_id', 'org_id', 'resource_type', 'parent', 'resource_id', 'revision'],
  partitionedBy: 'month',
});
