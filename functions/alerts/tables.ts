import { defineTable, revisionColumn } from '../../shared/lake/table.ts';

export const alerts = defineTable({
  name: 'alerts',
  description: 'What became of alerts: a row for each change that a run could see.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    { name: 'alert_id', type: 'string', description: 'The alert; one that opens again is another.' },
    {
      name: 'alert_config_id',
      type: 'string',
      nullable: true,
      description: 'The configuration that raised the alert.',
    },
    {
      name: 'change',
      type: 'string',
      description:
        'What happened: opened, acknowledged, unacknowledged, updated (another field has changed), closed or cancelled.',
    },
    {
      name: 'status',
      type: 'string',
      description: 'The status after it: OPEN, TRACKING, CLOSED or CANCELLED.',
    },
    {
      name: 'event_type_name',
      type: 'string',
      nullable: true,
      description: 'The kind of event that raised the alert, where Atlas says.',
    },
    { name: 'cluster_name', type: 'string', nullable: true, description: 'The cluster that it is about.' },
    {
      name: 'replica_set_name',
      type: 'string',
      nullable: true,
      description: 'The replica set that it is about.',
    },
    {
      name: 'host_and_port',
      type: 'string',
      nullable: true,
      description: 'The process that it is about, as host:port.',
    },
    {
      name: 'metric_name',
      type: 'string',
      nullable: true,
      description: 'The metric that crossed its threshold.',
    },
    {
      name: 'current_value',
      type: 'double',
      nullable: true,
      description: "The metric's value when the change was seen, in `current_units`.",
    },
    { name: 'current_units', type: 'string', nullable: true, description: 'The unit of `current_value`.' },
    { name: 'created', type: 'timestamp', description: 'When the alert opened.' },
    { name: 'updated', type: 'timestamp', nullable: true, description: 'When Atlas last evaluated it.' },
    { name: 'resolved', type: 'timestamp', nullable: true, description: 'When it ended.' },
    {
      name: 'last_notified',
      type: 'timestamp',
      nullable: true,
      description: 'When somebody was last notified.',
    },
    {
      name: 'acknowledged_until',
      type: 'timestamp',
      nullable: true,
      description: 'Until when it is acknowledged.',
    },
    {
      name: 'acknowledging_username',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description: 'Who acknowledged it.',
    },
    {
      name: 'acknowledgement_comment',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description: 'What was said when it was acknowledged.',
    },
    {
      name: 'ts',
      type: 'timestamp',
      description: 'When the change happened, or was seen, if Atlas does not tell.',
    },
    {
      name: 'document',
      type: 'string',
      personal: 'mention',
      description: 'The whole alert as Atlas gave it, JSON, but for links.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the change was seen.' },
    revisionColumn('Rises from change to change of the alert; null in rows from before 0.1.0.'),
  ],
  naturalKey: ['project_id', 'alert_id', 'change', 'revision'],
});

export const alertConfigurations = defineTable({
  name: 'alert_configurations',
  description: 'What raises alerts: a row each time that a configuration appears, changes or goes.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    { name: 'alert_config_id', type: 'string', description: 'The alert configuration.' },
    { name: 'change', type: 'string', description: 'What happened: added, changed or removed.' },
    { name: 'enabled', type: 'boolean', nullable: true, description: 'Whether it raises alerts.' },
    {
      name: 'event_type_name',
      type: 'string',
      nullable: true,
      description:
        'The kind of event that it watches for, where Atlas says; null, as all that follows, when it is removed.',
    },
    { name: 'metric_name', type: 'string', nullable: true, description: 'The metric that it watches.' },
    {
      name: 'operator',
      type: 'string',
      nullable: true,
      description: 'How the metric is compared with the threshold: GREATER_THAN or LESS_THAN.',
    },
    {
      name: 'threshold',
      type: 'double',
      nullable: true,
      description: 'The threshold, in `threshold_units`.',
    },
    { name: 'threshold_units', type: 'string', nullable: true, description: 'The unit of `threshold`.' },
    { name: 'severity', type: 'string', nullable: true, description: 'The severity that its alerts have.' },
    { name: 'created', type: 'timestamp', nullable: true, description: 'When it was made.' },
    { name: 'updated', type: 'timestamp', nullable: true, description: 'When it was last changed.' },
    { name: 'ts', type: 'timestamp', description: 'When the change happened.' },
    {
      name: 'document',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description:
        'The whole configuration as Atlas gave it, JSON, but for links and the credentials of notifications.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the change was seen.' },
    revisionColumn('Rises from change to change of the configuration; null in rows from before 0.1.0.'),
  ],
  naturalKey: ['project_id', 'alert_config_id', 'change', 'revision'],
});
