import { defineTable, revisionColumn } from '../../shared/lake/table.ts';

export const alerts = defineTable({
  name: 'alerts',
  description: 'Changes of alerts: one row for each change that a run observed.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    { name: 'alert_id', type: 'string', description: 'The alert. An alert that opens again gets a new id.' },
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
        'The kind of change: opened, acknowledged, unacknowledged, updated (another field changed), closed or cancelled.',
    },
    {
      name: 'status',
      type: 'string',
      description: 'The status after the change: OPEN, TRACKING, CLOSED or CANCELLED.',
    },
    {
      name: 'event_type_name',
      type: 'string',
      nullable: true,
      description: 'The type of event that raised the alert; null if Atlas returns none.',
    },
    {
      name: 'cluster_name',
      type: 'string',
      nullable: true,
      description: 'The cluster that the alert concerns.',
    },
    {
      name: 'replica_set_name',
      type: 'string',
      nullable: true,
      description: 'The replica set that the alert concerns.',
    },
    {
      name: 'host_and_port',
      type: 'string',
      nullable: true,
      description: 'The process that the alert concerns, as host:port.',
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
      description: "The metric's value when the change was observed, in `current_units`.",
    },
    { name: 'current_units', type: 'string', nullable: true, description: 'The unit of `current_value`.' },
    { name: 'created', type: 'timestamp', description: 'When the alert opened.' },
    {
      name: 'updated',
      type: 'timestamp',
      nullable: true,
      description: 'When Atlas last evaluated the alert.',
    },
    { name: 'resolved', type: 'timestamp', nullable: true, description: 'When the alert ended.' },
    {
      name: 'last_notified',
      type: 'timestamp',
      nullable: true,
      description: 'When Atlas last sent a notification.',
    },
    {
      name: 'acknowledged_until',
      type: 'timestamp',
      nullable: true,
      description: 'When the acknowledgement expires.',
    },
    {
      name: 'acknowledging_username',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description: 'The user who acknowledged the alert.',
    },
    {
      name: 'acknowledgement_comment',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description: 'The comment of the acknowledgement.',
    },
    {
      name: 'ts',
      type: 'timestamp',
      description: 'When the change happened; when it was observed, if Atlas does not return the time.',
    },
    {
      name: 'document',
      type: 'string',
      personal: 'mention',
      description: 'The complete alert as Atlas returned it, as JSON, without links.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the change was observed.' },
    revisionColumn('The number of the change, increasing within the alert; null in rows from before 0.1.0.'),
  ],
  naturalKey: ['project_id', 'alert_id', 'change', 'revision'],
  partitionedBy: 'month',
});

export const alertConfigurations = defineTable({
  name: 'alert_configurations',
  description:
    'Changes of alert configurations: one row each time that a configuration is added, changed or removed.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    { name: 'alert_config_id', type: 'string', description: 'The alert configuration.' },
    { name: 'change', type: 'string', description: 'The kind of change: added, changed or removed.' },
    {
      name: 'enabled',
      type: 'boolean',
      nullable: true,
      description: 'Whether the configuration raises alerts.',
    },
    {
      name: 'event_type_name',
      type: 'string',
      nullable: true,
      description:
        'The type of event that raises the alert; null if Atlas returns none. This and later fields are null for a removed configuration.',
    },
    {
      name: 'metric_name',
      type: 'string',
      nullable: true,
      description: 'The metric that the configuration watches.',
    },
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
    { name: 'severity', type: 'string', nullable: true, description: 'The severity of its alerts.' },
    {
      name: 'created',
      type: 'timestamp',
      nullable: true,
      description: 'When the configuration was created.',
    },
    {
      name: 'updated',
      type: 'timestamp',
      nullable: true,
      description: 'When the configuration was last changed.',
    },
    { name: 'ts', type: 'timestamp', description: 'When the change happened.' },
    {
      name: 'document',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description:
        'The complete configuration as Atlas returned it, as JSON, without links and notification credentials.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the change was observed.' },
    revisionColumn(
      'The number of the change, increasing within the configuration; null in rows from before 0.1.0.',
    ),
  ],
  naturalKey: ['project_id', 'alert_config_id', 'change', 'revision'],
  partitionedBy: 'month',
});
