import { defineTable } from '../../shared/lake/table.ts';

export const accessLogs = defineTable({
  name: 'access_logs',
  description: 'Attempts to authenticate to the hosts of a project, successful or not.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    {
      name: 'cluster_name',
      type: 'string',
      nullable: true,
      description: 'The cluster that the host belongs to.',
    },
    { name: 'hostname', type: 'string', description: 'The host that handled the attempt, without port.' },
    {
      name: 'ts',
      type: 'timestamp',
      description:
        'Time of the attempt: in milliseconds from the log line if present, otherwise in seconds as Atlas returns it.',
    },
    {
      name: 'auth_result',
      type: 'boolean',
      nullable: true,
      description: 'Whether the attempt succeeded.',
    },
    {
      name: 'auth_source',
      type: 'string',
      nullable: true,
      description: 'The authentication database of the user.',
    },
    {
      name: 'username',
      type: 'string',
      nullable: true,
      personal: 'subject',
      description: 'The user name in the attempt.',
    },
    {
      name: 'ip_address',
      type: 'string',
      nullable: true,
      description: 'The source address of the attempt.',
    },
    {
      name: 'failure_reason',
      type: 'string',
      nullable: true,
      description: 'Why the attempt failed; null if it succeeded.',
    },
    {
      name: 'mechanism',
      type: 'string',
      nullable: true,
      description: 'The authentication mechanism, from the log line: SCRAM-SHA-256, MONGODB-X509, …',
    },
    {
      name: 'app_name',
      type: 'string',
      nullable: true,
      description: 'The application, from the log line; null if the client names none.',
    },
    {
      name: 'driver_name',
      type: 'string',
      nullable: true,
      description: "The client's driver, from the log line.",
    },
    {
      name: 'driver_version',
      type: 'string',
      nullable: true,
      description: "The version of the client's driver, from the log line.",
    },
    {
      name: 'log_line',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description: 'The log line as the host wrote it.',
    },
    {
      name: 'record_id',
      type: 'string',
      fingerprintOf: 'log_line',
      description: 'A stable hash of host and log line that identifies the entry.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the entry was read.' },
  ],
  naturalKey: ['project_id', 'record_id'],
  partitionedBy: 'day',
});
