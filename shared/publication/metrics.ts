/**
 * The metrics of the publication, declared once for the function, the state machine, the alarms and the dashboard. They have
 * no dimension.
 */
export const PUBLICATION_METRICS = {
  PublicationBehind: {
    unit: 'Seconds',
    description: 'age of the oldest commit whose rows are not in the Iceberg tables',
  },
  PublicationWaiting: { unit: 'Count', description: 'slices left to the next round of the publication' },
  PublicationFailures: {
    unit: 'Count',
    description: 'statements, tables and commit records that the publication could not handle',
  },
  PublicationBusy: {
    unit: 'Count',
    description: 'executions that did nothing, because another one or an erasure had the lock',
  },
  PublicationExpired: {
    unit: 'Count',
    description: 'landing objects that S3 deleted before they were published, or published again',
  },
  PublicationRestarts: {
    unit: 'Count',
    description: 'tables that are published again, because their Iceberg tables were dropped',
  },
  DuplicateRows: { unit: 'Count', description: 'rows of the last days that share a natural key' },
  MissingRows: {
    unit: 'Count',
    description: 'rows of the day before yesterday that are in landing files and not in the Iceberg tables',
  },
} as const satisfies Record<string, { unit: 'Count' | 'Seconds'; description: string }>;

export type PublicationMetric = keyof typeof PUBLICATION_METRICS;
