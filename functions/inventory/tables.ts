import { defineTable, revisionColumn } from '../../shared/lake/table.ts';

export const inventory = defineTable({
  name: 'inventory',
  description:
    'The resources of projects and organisations and how they change: a row each time that one appears, changes or goes, and one for each at least once a week.',
  columns: [
    {
      name: 'project_id',
      type: 'string',
      nullable: true,
      description: 'The Atlas project; null for what belongs to an organisation alone.',
    },
    { name: 'org_id', type: 'string', nullable: true, description: 'The Atlas organisation.' },
    {
      name: 'resource_type',
      type: 'string',
      description: 'The kind of resource, as in the coverage table: cluster, project_user, …',
    },
    {
      name: 'parent',
      type: 'string',
      nullable: true,
      description:
        'What it belongs to within the project or organisation: a cluster, instance, process or provider; several joined by slashes.',
    },
    { name: 'resource_id', type: 'string', description: 'What tells it from others of its kind and parent.' },
    {
      name: 'name',
      type: 'string',
      nullable: true,
      description: 'Its name, where it has one beside its id; of a user, the address.',
      personal: 'mention',
    },
    {
      name: 'change',
      type: 'string',
      description:
        'added, changed or removed; snapshot for one that is as it was, written so that older days can be deleted.',
      example: 'changed',
    },
    {
      name: 'changed_fields',
      type: 'string',
      nullable: true,
      description: 'Of a change, the fields of the first level that differ: a JSON array of names.',
    },
    {
      name: 'content_hash',
      type: 'string',
      description:
        'A hash of the content, of what it last was when it is gone: equal hashes, equal contents.',
    },
    {
      name: 'document',
      type: 'string',
      nullable: true,
      description: 'The whole resource as Atlas gave it, JSON, secrets left out; null when it is gone.',
      example: '{"id":"69a4b1f2c0eb9e7a17713b07","roles":["GROUP_OWNER"],…}',
      personal: 'mention',
    },
    {
      name: 'ts',
      type: 'timestamp',
      description: 'When the change was seen: it happened since the run before.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the resource was read.' },
    revisionColumn('Rises from row to row of the resource; null in rows of version 0.1.'),
  ],
  naturalKey: ['project_id', 'org_id', 'resource_type', 'parent', 'resource_id', 'revision'],
});
