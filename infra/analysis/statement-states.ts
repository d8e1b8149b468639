/** The names that the states of a statement need. They may be CDK tokens. */
export interface StatementNames {
  /** The part of AWS: `aws`, or another one in China and for governments. */
  partition: string;
  /** The Glue database of the Iceberg tables. */
  database: string;
  workGroup: string;
  /** The lake's bucket. */
  bucket: string;
}

/**
 * Seconds after which an execution starts no statement. The rest of its time is enough for the last ones and for noting the
 * outcomes.
 */
export const STARTING_SECONDS = 105 * 60;

/** Seconds after which a statement failed. Athena's own limit is 30 minutes, without the time in its queue. */
export const STATEMENT_SECONDS = 40 * 60;

/** How often a statement is repeated because Athena did a part of it. Each VACUUM deletes about a thousand files. */
const MAX_REPEATS = 20;

/** What Athena says when it did a part of a statement. */
const REPEAT = 'MORE_RUNS_NEEDED';

/** Athena refuses to start a query while too many run. The token prevents that a retry starts it twice. */
export const RETRY_QUERIES = [
  {
    ErrorEquals: ['Athena.TooManyRequestsException', 'Athena.AmazonAthenaException'],
    IntervalSeconds: 10,
    BackoffRate: 2,
    MaxAttempts: 5,
  },
];

const RETRY_DELETIONS = [
  { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 3 },
];

/** Milliseconds since the execution started. */
const ELAPSED =
  '$toMillis($states.context.State.EnteredTime) - $toMillis($states.context.Execution.StartTime)';

/**
 * Returns the states that run one statement. The input is the statement; the output is its outcome. A slice is removed as soon as
 * its rows are in Iceberg, so that an execution that ends at any moment has made progress.
 */
export function statementProcessor({ partition, database, workGroup, bucket }: StatementNames): object {
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'Take',
    States: {
      Take: { Type: 'Pass', Assign: { statement: '{% $states.input %}', repeats: 0 }, Next: 'IsTime' },
      IsTime: {
        Type: 'Choice',
        Choices: [{ Condition: `{% ${ELAPSED} < ${STARTING_SECONDS * 1000} %}`, Next: 'Run' }],
        Default: 'Skip',
      },
      Run: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::athena:startQueryExecution.sync`,
        Arguments: {
          QueryString: '{% $statement.sql %}',
          // A repetition is another request.
          ClientRequestToken: "{% $statement.token & '-' & $string($repeats) %}",
          WorkGroup: workGroup,
          QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
        },
        TimeoutSeconds: STATEMENT_SECONDS,
        Output: { purpose: '{% $statement.purpose %}', error: null },
        Retry: RETRY_QUERIES,
        Catch: catching('MustRepeat'),
        Next: 'HasSlice',
      },
      HasSlice: {
        Type: 'Choice',
        Choices: [{ Condition: "{% $type($statement.sliceFile) = 'string' %}", Next: 'Remove' }],
        Default: 'Done',
      },
      Remove: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::aws-sdk:s3:deleteObject`,
        Arguments: { Bucket: bucket, Key: '{% $statement.sliceFile %}' },
        Output: { purpose: '{% $statement.purpose %}', error: null },
        Retry: RETRY_DELETIONS,
        Catch: catching('Failed'),
        End: true,
      },
      Done: { Type: 'Pass', End: true },
      MustRepeat: {
        Type: 'Choice',
        Choices: [
          { Condition: `{% $states.input.isPartial and $repeats < ${MAX_REPEATS} %}`, Next: 'Repeat' },
        ],
        Default: 'Failed',
      },
      Repeat: { Type: 'Pass', Assign: { repeats: '{% $repeats + 1 %}' }, Next: 'IsTime' },
      Skip: {
        Type: 'Pass',
        Output: { purpose: '{% $statement.purpose %}', error: null, isSkipped: true },
        End: true,
      },
      Failed: {
        Type: 'Pass',
        Output: { purpose: '{% $statement.purpose %}', error: '{% $states.input.cause %}' },
        End: true,
      },
    },
  };
}

/** Returns a catcher that keeps what the service said, and whether it did a part of the statement. */
function catching(next: string): object[] {
  return [
    {
      ErrorEquals: ['States.ALL'],
      Output: {
        cause: `{% ($cause := $states.errorOutput.Cause & ''; $reason := $match($cause, /"StateChangeReason":"(.{0,800})/); $substring($states.errorOutput.Error & ': ' & ($exists($reason) ? $reason[0].groups[0] : $cause), 0, 1000)) %}`,
        isPartial: `{% $contains($states.errorOutput.Cause & '', '${REPEAT}') %}`,
      },
      Next: next,
    },
  ];
}
