import {
  type CompactedTable,
  countDuplicates,
  moveBoundary,
  parquetTable,
  touchedDays,
  unloadDay,
} from './statements.ts';
import { parquetStorage } from './storage.ts';

/** What the machine works on, by name; names may be tokens of the template. */
export interface CompactionNames {
  database: string;
  workGroup: string;
  bucket: string;
  /** The SSM parameter that says how far the last compaction came. */
  boundary: string;
  metricNamespace: string;
}

/** The boundary before the first compaction: everything is NDJSON. */
export const NOTHING_COMPACTED = '1970-01-01';

export const DUPLICATES_METRIC = 'DuplicateRows';

/** Two tables or days at a time, since Athena lets an account run some twenty queries at once. */
const AT_ONCE = 2;

/** Athena refuses to begin another query when too many run; a query that began is never repeated. */
const PATIENCE = [
  {
    ErrorEquals: ['Athena.TooManyRequestsException', 'Athena.AmazonAthenaException'],
    IntervalSeconds: 10,
    BackoffRate: 2,
    MaxAttempts: 5,
  },
];

/**
 * The compaction as a state machine (Amazon States Language, JSONata): no data passes through it. Each day that a run
 * has touched since the last time is unloaded whole to a place named after this execution, then its partition is
 * switched to that place, then the view's boundary moves, and at the end the parameter that the next one begins from.
 * Dying in between leaves partitions that are whole, and a parameter that makes the next one do the same days again.
 */
export function compactionDefinition(tables: readonly CompactedTable[], names: CompactionNames): object {
  return {
    Comment: 'Turns finished days of the lake into Parquet.',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: 6 * 3600,
    StartAt: 'ReadBoundary',
    States: {
      ReadBoundary: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter',
        Arguments: { Name: names.boundary },
        Assign: {
          since: '{% $states.result.Parameter.Value %}',
          until: '{% $substring($states.context.Execution.StartTime, 0, 10) %}',
          version: '{% $states.context.Execution.Name %}',
        },
        Next: 'EveryTable',
      },
      EveryTable: {
        Type: 'Parallel',
        Branches: tables.map((table) => tableBranch(table, names)),
        Next: 'FindDuplicates',
      },
      FindDuplicates: query(names, countDuplicates('$since'), 'ReadDuplicates'),
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
          Namespace: names.metricNamespace,
          MetricData: [{ MetricName: DUPLICATES_METRIC, Value: '{% $states.input.count %}', Unit: 'Count' }],
        },
        Next: 'KeepBoundary',
      },
      KeepBoundary: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ssm:putParameter',
        Arguments: { Name: names.boundary, Value: '{% $until %}', Overwrite: true },
        End: true,
      },
    },
  };
}

/** Names of states are unique in the whole machine, so each carries its table's. */
function tableBranch(compacted: CompactedTable, names: CompactionNames): object {
  const { table } = compacted;
  const state = (what: string) => `${what} ${table.name}`;
  return {
    StartAt: state('FindDays'),
    States: {
      [state('FindDays')]: query(names, touchedDays(compacted, '$since', '$until'), state('ReadDays')),
      [state('ReadDays')]: {
        Type: 'Task',
        Resource: 'arn:aws:states:::athena:getQueryResults',
        Arguments: {
          QueryExecutionId: '{% $states.input.QueryExecution.QueryExecutionId %}',
          MaxResults: 1000,
        },
        // The first row is the heading.
        Output: {
          days: '{% [$filter($states.result.ResultSet.Rows, function($row, $index) { $index > 0 }).Data[0].VarCharValue] %}',
        },
        Next: state('EveryDay'),
      },
      [state('EveryDay')]: {
        Type: 'Map',
        Items: '{% $states.input.days %}',
        ItemSelector: { day: '{% $states.context.Map.Item.Value %}' },
        MaxConcurrency: AT_ONCE,
        ItemProcessor: dayProcessor(compacted, names),
        Next: state('MoveBoundary'),
      },
      [state('MoveBoundary')]: query(names, moveBoundary(table, '$until')),
    },
  };
}

function dayProcessor({ table }: CompactedTable, names: CompactionNames): object {
  const state = (what: string) => `${what} ${table.name}`;
  const location = `s3://${names.bucket}/${parquetTable(table.name)}/dt=$states.input.day/v=$version/`;
  const partition = {
    Values: ['{% $day %}'],
    StorageDescriptor: { ...parquetStorage(table), Location: '{% $location %}' },
  };
  const where = { DatabaseName: names.database, TableName: parquetTable(table.name) };
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: state('Unload'),
    States: {
      [state('Unload')]: {
        ...query(names, unloadDay(table, '$states.input.day', location), state('AddPartition')),
        Assign: { day: '{% $states.input.day %}', location: filled(location) },
      },
      [state('AddPartition')]: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:glue:createPartition',
        Arguments: { ...where, PartitionInput: partition },
        Catch: [{ ErrorEquals: ['Glue.AlreadyExistsException'], Next: state('SwitchPartition') }],
        End: true,
      },
      [state('SwitchPartition')]: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:glue:updatePartition',
        Arguments: { ...where, PartitionValueList: ['{% $day %}'], PartitionInput: partition },
        End: true,
      },
    },
  };
}

/** Runs a statement and waits for its end. */
function query({ database, workGroup }: CompactionNames, statement: string, next?: string): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
    Arguments: {
      QueryString: filled(statement),
      WorkGroup: workGroup,
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
    },
    Retry: PATIENCE,
    ...(next === undefined ? { End: true } : { Next: next }),
  };
}

/** A text in which `$since`, `$states.input.day` and the like stand for their values, as one JSONata expression. */
function filled(text: string): string {
  const parts = text.split(/(\$[a-z]+(?:\.[a-z]+)*)/);
  return `{% ${parts.map((part, index) => (index % 2 === 1 ? part : JSON.stringify(part))).join(' & ')} %}`;
}
