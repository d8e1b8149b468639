import type { PublicationMetric } from '../../shared/publication/metrics.ts';
import { lakeTables } from '../../sql/tables.ts';
import { nightlyChecks } from './nightly-checks.ts';
import { RETRY_QUERIES, type StatementNames, statementProcessor } from './statement-states.ts';

/** The names of what the machine works on. They may be CDK tokens. */
export interface MachineNames extends StatementNames {
  /** The ARN of the function. */
  publish: string;
  /** The namespace of the metrics. */
  namespace: string;
}

const DUPLICATES: PublicationMetric = 'DuplicateRows';
const MISSING: PublicationMetric = 'MissingRows';

/** Seconds after which Step Functions ends an execution. The publication's lock lasts longer. */
export const EXECUTION_SECONDS = 3 * 3600;

/** Tables whose statements run at the same time. Athena allows an account about twenty queries. */
const TABLES_AT_ONCE = 4;

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
  const tasks = `arn:${names.partition}:states:::`;
  const round = { execution: '{% $states.context.Execution.Id %}', number: '{% $roundNumber %}' };
  const call = (payload: object) => ({
    Type: 'Task',
    Resource: `${tasks}lambda:invoke`,
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
        Choices: [{ Condition: '{% $isNight %}', Next: 'Check' }],
        Default: 'HasFailures',
      },
      Check: {
        Type: 'Task',
        Resource: `${tasks}athena:startQueryExecution.sync`,
        Arguments: {
          QueryString: nightlyChecks(lakeTables),
          WorkGroup: names.workGroup,
          QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: names.database },
        },
        Retry: RETRY_QUERIES,
        Next: 'ReadChecks',
      },
      ReadChecks: {
        Type: 'Task',
        Resource: `${tasks}athena:getQueryResults`,
        Arguments: { QueryExecutionId: '{% $states.input.QueryExecution.QueryExecutionId %}' },
        Output: {
          duplicates: '{% $number($states.result.ResultSet.Rows[1].Data[0].VarCharValue) %}',
          missing: '{% $number($states.result.ResultSet.Rows[1].Data[1].VarCharValue) %}',
        },
        Next: 'ReportChecks',
      },
      ReportChecks: {
        Type: 'Task',
        Resource: `${tasks}aws-sdk:cloudwatch:putMetricData`,
        Arguments: {
          Namespace: names.namespace,
          MetricData: [
            { MetricName: DUPLICATES, Value: '{% $states.input.duplicates %}', Unit: 'Count' },
            { MetricName: MISSING, Value: '{% $states.input.missing %}', Unit: 'Count' },
          ],
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
