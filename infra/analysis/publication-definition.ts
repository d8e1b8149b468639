import type { PublicationMetric } from '../../shared/publication/metrics.ts';
import { METRIC_NAMESPACE } from '../../shared/worker/metrics.ts';

/** The names of what the machine works on. They may be CDK tokens. */
export interface MachineNames {
  /** The ARN of the function. */
  publish: string;
  /** The Glue database of the Iceberg tables. */
  database: string;
  workGroup: string;
}

const DUPLICATES: PublicationMetric = 'DuplicateRows';

/** Counts the duplicate rows of the last days. Earlier nights have counted those of earlier days. */
const DUPLICATES_QUERY =
  "SELECT coalesce(sum(extra_rows), 0) AS extra_rows FROM duplicate_rows WHERE dt >= CAST(CAST(current_date - INTERVAL '2' DAY AS date) AS varchar)";

/** Seconds after which Step Functions ends an execution. The publication's lock lasts longer. */
export const EXECUTION_SECONDS = 3 * 3600;

/** Tables whose statements run at the same time. Athena allows an account about twenty queries. */
const TABLES_AT_ONCE = 4;

/** How often a statement is repeated because Athena did a part of it. Each VACUUM deletes about a thousand files. */
const MAX_REPEATS = 20;

/** What Athena says when it did a part of a statement. */
const REPEAT = 'MORE_RUNS_NEEDED';

/** Athena refuses to start a query while too many run. The token prevents that a retry starts it twice. */
const RETRY_QUERIES = [
  {
    ErrorEquals: ['Athena.TooManyRequestsException', 'Athena.AmazonAthenaException'],
    IntervalSeconds: 10,
    BackoffRate: 2,
    MaxAttempts: 5,
  },
];

const RETRY_FUNCTION = [
  {
    ErrorEquals: [
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
    ],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 4,
  },
];

/** An error of the function, after which the execution gives the lock back and fails. */
const ABANDON = [{ ErrorEquals: ['States.ALL'], Next: 'Abandon' }];

/**
 * Returns the publication as a state machine (Amazon States Language, JSONata). The function decides what to run; the
 * machine runs it and waits. No data passes through it.
 */
export function publicationDefinition(names: MachineNames): object {
  const round = { execution: '{% $states.context.Execution.Id %}', number: '{% $roundNumber %}' };
  const call = (payload: object) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: names.publish, Payload: payload },
    Output: '{% $states.result.Payload %}',
    Retry: RETRY_FUNCTION,
  });
  return {
    Comment: 'Publishes committed rows to the Iceberg tables.',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: EXECUTION_SECONDS,
    StartAt: 'Start',
    States: {
      Start: {
        Type: 'Pass',
        Assign: { roundNumber: 1, failures: 0, isNight: false, hasUnread: true },
        Next: 'Prepare',
      },
      Prepare: {
        ...call({ action: 'prepare', ...round, readsCommits: '{% $hasUnread %}' }),
        Assign: {
          isNight: '{% $isNight or $states.result.Payload.isMaintenance %}',
          hasUnread: '{% $states.result.Payload.hasUnread %}',
        },
        Catch: ABANDON,
        Next: 'IsWork',
      },
      IsWork: {
        Type: 'Choice',
        Choices: [{ Condition: "{% $states.input.state = 'work' %}", Next: 'EachTable' }],
        Default: 'IsNight',
      },
      EachTable: {
        Type: 'Map',
        Items: '{% $states.input.groups %}',
        MaxConcurrency: TABLES_AT_ONCE,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'EachStatement',
          States: {
            EachStatement: {
              Type: 'Map',
              Items: '{% $states.input %}',
              MaxConcurrency: 1,
              ItemProcessor: statementProcessor(names),
              End: true,
            },
          },
        },
        Catch: ABANDON,
        Next: 'Settle',
      },
      Settle: {
        ...call({ action: 'settle', ...round, outcomes: '{% $states.input %}' }),
        Assign: {
          roundNumber: '{% $roundNumber + 1 %}',
          failures: '{% $failures + $states.result.Payload.failures %}',
        },
        Catch: ABANDON,
        Next: 'Continues',
      },
      Continues: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.continues %}', Next: 'Prepare' }],
        Default: 'IsNight',
      },
      IsNight: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $isNight %}', Next: 'FindDuplicates' }],
        Default: 'HasFailures',
      },
      FindDuplicates: {
        Type: 'Task',
        Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
        Arguments: {
          QueryString: DUPLICATES_QUERY,
          WorkGroup: names.workGroup,
          QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: names.database },
        },
        Retry: RETRY_QUERIES,
        Next: 'ReadDuplicates',
      },
      ReadDuplicates: {
        Type: 'Task',
        Resource: 'arn:aws:states:::athena:getQueryResults',
        Arguments: { QueryExecutionId: '{% $states.input.QueryExecution.QueryExecutionId %}' },
        Output: { count: '{% $number($states.result.ResultSet.Rows[1].Data[0].VarCharValue) %}' },
        Next: 'ReportDuplicates',
      },
      ReportDuplicates: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:cloudwatch:putMetricData',
        Arguments: {
          Namespace: METRIC_NAMESPACE,
          MetricData: [{ MetricName: DUPLICATES, Value: '{% $states.input.count %}', Unit: 'Count' }],
        },
        Next: 'HasFailures',
      },
      HasFailures: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $failures > 0 %}', Next: 'Incomplete' }],
        Default: 'Done',
      },
      Done: { Type: 'Succeed' },
      Incomplete: {
        Type: 'Fail',
        Error: 'Incomplete',
        Cause: "{% $string($failures) & ' statements failed. The log of the function names them.' %}",
      },
      Abandon: {
        ...call({ action: 'abandon', execution: round.execution }),
        Next: 'Abandoned',
      },
      Abandoned: {
        Type: 'Fail',
        Error: 'Abandoned',
        Cause: 'The function failed. Its log says why. The next execution continues.',
      },
    },
  };
}

/** Returns the states that run one statement. The input is the statement; the output is its outcome. */
function statementProcessor({ database, workGroup }: MachineNames): object {
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'Take',
    States: {
      Take: { Type: 'Pass', Assign: { statement: '{% $states.input %}', repeats: 0 }, Next: 'Run' },
      Run: {
        Type: 'Task',
        Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
        Arguments: {
          QueryString: '{% $statement.sql %}',
          // A repetition is another request.
          ClientRequestToken: "{% $statement.token & '-' & $string($repeats) %}",
          WorkGroup: workGroup,
          QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
        },
        Output: { purpose: '{% $statement.purpose %}', error: null },
        Retry: RETRY_QUERIES,
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Output: {
              cause: `{% ($cause := $states.errorOutput.Cause & ''; $reason := $match($cause, /"StateChangeReason":"(.{0,800})/); $substring($states.errorOutput.Error & ': ' & ($exists($reason) ? $reason[0].groups[0] : $cause), 0, 1000)) %}`,
              isPartial: `{% $contains($states.errorOutput.Cause & '', '${REPEAT}') %}`,
            },
            Next: 'MustRepeat',
          },
        ],
        End: true,
      },
      MustRepeat: {
        Type: 'Choice',
        Choices: [
          {
            Condition: `{% $states.input.isPartial and $repeats < ${MAX_REPEATS} %}`,
            Next: 'Repeat',
          },
        ],
        Default: 'Failed',
      },
      Repeat: { Type: 'Pass', Assign: { repeats: '{% $repeats + 1 %}' }, Next: 'Run' },
      Failed: {
        Type: 'Pass',
        Output: { purpose: '{% $statement.purpose %}', error: '{% $states.input.cause %}' },
        End: true,
      },
    },
  };
}
