import type { Measurement } from '../../shared/lake/table.ts';

const KINDS = [
  { total: 'TOTAL', average: 'AVERAGE_TOTAL_OPS', percentile: 'TOTAL_OPS', what: 'all operations' },
  { total: 'READS', average: 'AVERAGE_READS', percentile: 'READS', what: 'reads' },
  { total: 'WRITES', average: 'AVERAGE_WRITES', percentile: 'WRITES', what: 'writes' },
  { total: 'COMMANDS', average: 'AVERAGE_COMMANDS', percentile: 'COMMANDS', what: 'commands' },
];

/**
 * What Atlas measures of a collection, by the names in MongoDB's documentation of query latency. Which of them a
 * response has is up to Atlas, and so are the units: `units` of a row says what it was.
 */
export const measurements: readonly Measurement[] = [
  ...KINDS.map(({ total, what }) => milliseconds(`${total}_LATENCY`, `Total execution time of ${what}.`)),
  ...KINDS.map(({ average, what }) => milliseconds(`${average}_LATENCY`, `Mean execution time of ${what}.`)),
  ...[50, 95, 99].flatMap((share) =>
    KINDS.map(({ percentile, what }) =>
      milliseconds(`${percentile}_P${share}_VALUE`, `Execution time of ${what}: ${share}th percentile.`),
    ),
  ),
  ...KINDS.map(({ total, what }) => ({
    name: `${total}_OPS`,
    unit: 'SCALAR_PER_SECOND',
    description: `Number of ${what} per second.`,
  })),
];

function milliseconds(name: string, description: string): Measurement {
  return { name, unit: 'MILLISECONDS', description };
}
