import { defineTable } from '../../shared/lake/table.ts';

export const events = defineTable({
  name: 'events',
  description:
    'Events of projects and organisations: who did what and when, and what Atlas did without a person. A project and its organisation have separate lists, and each row comes from one of them.',
  columns: [
    {
      name: 'project_id',
      type: 'string',
      nullable: true,
      description: 'The Atlas project; null for an event of an organisation that concerns no single project.',
    },
    {
      name: 'org_id',
      type: 'string',
      nullable: true,
      description: "The Atlas organisation for an event of its list; null for an event of a project's list.",
    },
    {
      name: 'event_id',
      type: 'string',
      description: "Atlas's id of the event.",
      example: '6a7940432c88faeba59beaf7',
    },
    {
      name: 'event_type_name',
      type: 'string',
      nullable: true,
      description: "What happened, by Atlas's name.",
      example: 'CLUSTER_UPDATE_SUBMITTED',
    },
    { name: 'cluster_name', type: 'string', nullable: true, description: 'The cluster that it concerns.' },
    { name: 'hostname', type: 'string', nullable: true, description: 'The host that it concerns.' },
    {
      name: 'port',
      type: 'int',
      nullable: true,
      description: 'The port of the process that it concerns.',
      example: '27017',
    },
    {
      name: 'actor_type',
      type: 'string',
      description: 'The kind of actor: user, api_key, service_account, or atlas if the event names none.',
      example: 'user',
    },
    {
      name: 'actor',
      type: 'string',
      nullable: true,
      personal: 'subject',
      description:
        "Who did it: a user's name, an API key's public part, or a service account's id. Only an id if Atlas names nobody.",
      example: 'ann@example.com',
    },
    {
      name: 'target',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description:
        'To whom or what it was done: a user, API key, database user, team or resource, otherwise the cluster or host.',
      example: 'bob@example.com',
    },
    {
      name: 'remote_address',
      type: 'string',
      nullable: true,
      description: "The actor's address.",
      example: '192.0.2.17',
    },
    {
      name: 'is_mongodb_employee',
      type: 'boolean',
      nullable: true,
      description: 'Whether an employee of MongoDB did it.',
    },
    { name: 'alert_id', type: 'string', nullable: true, description: 'The alert that it concerns.' },
    { name: 'ts', type: 'timestamp', description: 'When it happened; Atlas gives whole seconds.' },
    {
      name: 'document',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description:
        'The complete event as Atlas returned it, as JSON; null only if it is withheld. Kinds of events have different fields.',
      example: '{"created":"2026-03-02T12:00:00Z","eventTypeName":"MONGODB_USER_ADDED",…}',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the event was read.' },
    {
      name: 'actor_id',
      type: 'string',
      nullable: true,
      description: "Atlas's id of the user, API key or service account.",
      example: '6835e821c794bf2ac0a9ec73',
    },
    {
      name: 'target_type',
      type: 'string',
      nullable: true,
      description:
        'The kind of target: user, api_key, database_user, team, alert_configuration, alert, cluster, host, or the resource type that Atlas gives.',
      example: 'user',
    },
  ],
  naturalKey: ['project_id', 'org_id', 'event_id'],
  partitionedBy: 'day',
});
