/** A metric that Atlas measures for a collection on a process. */
export interface NamespaceMetric {
  name: string;
  units: 'MILLISECONDS' | 'SCALAR_PER_SECOND';
  /** Its typical value, for a collection that is neither idle nor busy. */
  level: number;
}

/** Total execution time, which determines the rank. */
export const TOTAL_LATENCY: NamespaceMetric = { name: 'TOTAL_LATENCY', units: 'MILLISECONDS', level: 120 };

/**
 * Every metric, by the names in MongoDB's documentation of query latency (Cloud Manager's reference of "Query Latency",
 * table of metrics). Their units are not documented: these are the Admin API's units for times and rates.
 */
export const NAMESPACE_METRICS: readonly NamespaceMetric[] = [
  TOTAL_LATENCY,
  ...latencies(120, 'READS_LATENCY', 'WRITES_LATENCY', 'COMMANDS_LATENCY'),
  ...latencies(
    3,
    'AVERAGE_TOTAL_OPS_LATENCY',
    'AVERAGE_READS_LATENCY',
    'AVERAGE_WRITES_LATENCY',
    'AVERAGE_COMMANDS_LATENCY',
  ),
  ...percentiles('P50', 1),
  ...percentiles('P95', 9),
  ...percentiles('P99', 40),
  { name: 'TOTAL_OPS', units: 'SCALAR_PER_SECOND', level: 40 },
  { name: 'READS_OPS', units: 'SCALAR_PER_SECOND', level: 28 },
  { name: 'WRITES_OPS', units: 'SCALAR_PER_SECOND', level: 10 },
  { name: 'COMMANDS_OPS', units: 'SCALAR_PER_SECOND', level: 2 },
];

function percentiles(percentile: string, level: number): NamespaceMetric[] {
  const kinds = ['TOTAL_OPS', 'READS', 'WRITES', 'COMMANDS'];
  return latencies(level, ...kinds.map((kind) => `${kind}_${percentile}_VALUE`));
}

function latencies(level: number, ...names: string[]): NamespaceMetric[] {
  return names.map((name) => ({ name, units: 'MILLISECONDS', level }));
}
