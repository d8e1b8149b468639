/** The columns that rows of all logs begin with. */
export const LOG_COLUMNS = [
  { name: 'project_id', type: 'string', description: 'The Atlas project.' },
  {
    name: 'cluster_name',
    type: 'string',
    nullable: true,
    description: 'The cluster that the host belongs to.',
  },
  { name: 'hostname', type: 'string', description: 'The host that wrote the line, without port.' },
  { name: 'log_name', type: 'string', description: "Atlas's name of the log." },
  {
    name: 'ts',
    type: 'timestamp',
    description: 'Time of the line; of the line before it if it has none.',
  },
] as const;

/** The columns that rows of all logs end with. */
export const LINE_COLUMNS = [
  {
    name: 'further_fields',
    type: 'string',
    nullable: true,
    personal: 'mention',
    description: 'The fields of the line without a column of their own, as JSON; null if there are none.',
  },
  {
    name: 'raw_line',
    type: 'string',
    nullable: true,
    personal: 'mention',
    description:
      'A line that is not JSON as a whole, such as plain text or a truncated line: at most its first MiB. Null for every other line.',
    example: '2026-03-02T12:00:00.123+0000 I  CONTROL  [main] ***** SERVER RESTARTED *****',
  },
  {
    name: 'line_bytes',
    type: 'bigint',
    unit: 'bytes',
    description: 'Length of the line in the log.',
    example: '412',
  },
] as const;

/** The last columns. @param sources the columns that show the line's content */
export function idColumns<const Sources extends readonly string[]>(sources: Sources) {
  return [
    {
      name: 'record_id',
      type: 'string',
      fingerprintOf: [...sources, 'further_fields', 'raw_line'],
      description:
        'A stable hash of host, log, time and line that identifies the line. Equal lines of one time are numbered.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the line was read.' },
  ] as const;
}
