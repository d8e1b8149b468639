import { processMeasurements } from '../../functions/process-measurements/tables.ts';
import { dayColumn, type View } from '../view.ts';
import {
  hour,
  hourly,
  processLabels,
  type Quantity,
  quantitiesByHour,
  quantityColumns,
} from './hourly-quantities.ts';

const TABLE = 'process_measurements';

const QUANTITIES: readonly Quantity[] = [
  cpu('cpu_user_percent', 'processor time of the process in user mode', 'PROCESS_NORMALIZED_CPU_USER'),
  cpu('cpu_kernel_percent', 'processor time of the process in kernel mode', 'PROCESS_NORMALIZED_CPU_KERNEL'),
  cpu('host_cpu_user_percent', 'processor time of the host in user mode', 'SYSTEM_NORMALIZED_CPU_USER'),
  cpu('host_cpu_iowait_percent', 'time that the host waited for disks', 'SYSTEM_NORMALIZED_CPU_IOWAIT'),
  cpu('host_cpu_steal_percent', 'time that the hypervisor took from the host', 'SYSTEM_NORMALIZED_CPU_STEAL'),
  {
    name: 'memory_resident_bytes',
    unit: 'bytes',
    of: 'resident memory of the process',
    measurement: 'MEMORY_RESIDENT',
    factor: '1048576e0',
  },
  {
    name: 'host_memory_used_bytes',
    unit: 'bytes',
    of: 'used memory of the host',
    measurement: 'SYSTEM_MEMORY_USED',
    maximum: 'MAX_SYSTEM_MEMORY_USED',
    factor: '1024e0',
  },
  { name: 'connections', of: 'open connections', measurement: 'CONNECTIONS' },
  {
    name: 'replication_lag_seconds',
    unit: 'seconds',
    of: 'delay behind the primary',
    measurement: 'OPLOG_REPLICATION_LAG_TIME',
  },
  {
    name: 'queued_operations',
    of: 'operations that waited for a lock',
    measurement: 'GLOBAL_LOCK_CURRENT_QUEUE_TOTAL',
  },
];

function cpu(name: string, of: string, measurement: string): Quantity {
  return { name, unit: 'percent', of, measurement, maximum: `MAX_${measurement}` };
}

export const processHealth: View = {
  name: 'process_health',
  description:
    'Processor, memory, connections, replication lag and queues of each process by hour, with maxima. Shares of processor time are of all cores. Values with granularity P1D are excluded.',
  columns: quantityColumns(processMeasurements, QUANTITIES),
  reads: 'that day',
  query: ({ from }) => quantitiesByHour(TABLE, QUANTITIES, from),
};

const LAG = 'OPLOG_REPLICATION_LAG_TIME';
const WINDOW = 'OPLOG_MASTER_LAG_TIME_DIFF';

export const replicationLag: View = {
  name: 'replication_lag',
  description:
    'How far each member of a replica set is behind its primary by hour, and the time that its oplog still allows. Values with granularity P1D are excluded.',
  columns: [
    dayColumn,
    ...processLabels(processMeasurements),
    hour,
    { name: 'avg_lag_seconds', type: 'double', unit: 'seconds', description: 'Mean lag.' },
    { name: 'max_lag_seconds', type: 'double', unit: 'seconds', description: 'Maximum lag.' },
    {
      name: 'max_lag_at',
      type: 'timestamp',
      description: 'When the lag was at its maximum for the first time.',
    },
    { name: 'last_lag_seconds', type: 'double', unit: 'seconds', description: 'The last lag of the hour.' },
    {
      name: 'min_headroom_seconds',
      type: 'double',
      unit: 'seconds',
      nullable: true,
      description: 'Minimum time that the member could still fall behind before it needs an initial sync.',
    },
  ],
  reads: 'that day',
  query: ({ from }) => `
SELECT
  dt, project_id, max(cluster_name) AS cluster_name, max(replica_set_name) AS replica_set_name, process_id,
  max(process_type) FILTER (WHERE latest = 1) AS process_type, hour,
  avg(value) FILTER (WHERE measurement = '${LAG}') AS avg_lag_seconds,
  max(value) FILTER (WHERE measurement = '${LAG}') AS max_lag_seconds,
  max(ts) FILTER (WHERE measurement = '${LAG}' AND greatest_first = 1) AS max_lag_at,
  max(value) FILTER (WHERE measurement = '${LAG}' AND latest = 1) AS last_lag_seconds,
  min(value) FILTER (WHERE measurement = '${WINDOW}') AS min_headroom_seconds
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY dt, project_id, process_id, measurement, hour ORDER BY ts DESC, granularity DESC
    ) AS latest,
    row_number() OVER (
      PARTITION BY dt, project_id, process_id, measurement, hour ORDER BY value DESC, ts, granularity
    ) AS greatest_first
  FROM (
${hourly(TABLE, from, [LAG, WINDOW])}
  )
)
GROUP BY dt, project_id, process_id, hour
HAVING count(*) FILTER (WHERE measurement = '${LAG}') > 0`,
};
