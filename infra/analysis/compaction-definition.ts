import {
  type CompactedTable,
  countDuplicates,
  moveBoundary,
  parquetTable,
  touchedDays,
  unloadDay,
} from './statements.ts';
import { glueColumns, PARQUET_FORMAT } from './storage.ts';

/** The names of what the machine works on. They may be CDK tokens. */
export interface CompactionNames {
  database: string;
  workGroup: string;
  bucket: string;
  /** The SSM parameter that holds the progress of the compaction. */
  boundary: string;
  metricNamespace: string;
}

/** The boundary before the first compaction: all days are NDJSON. */
export const NOTHING_COMPACTED = '1970-01-01';

export const DUPLICATES_METRIC = 'DuplicateRows';

/**
 * Maximum days, counted for each table, in one listing. A page of Athena's results has at most 1,000 rows; the next
 * listing returns the rest of a pass.
 */
export const DAYS_AT_ONCE = 150;

/**
 * Maximum listings in one execution. Step Functions ends an execution at 25,000 events, and a day takes up to 33:
 * 18 where its partition already exists, and three for each time that Athena refuses to start a query.
 */
export const LISTINGS = 4;

/** Concurrent queries. Athena allows an account about twenty. */
const AT_ONCE = 4;

const TODAY = '$substring($states.context.Execution.StartTime, 0, 10)';

/** Athena refuses to start a query while too many run. A query that has started is never retried. */
const PATIENCE = [
  {
    ErrorEquals: ['Athena.TooManyRequestsException', 'Athena.AmazonAthenaException'],
    IntervalSeconds: 10,
    BackoffRate: 2,
    MaxAttempts: 5,
  },
];

/**
 * Returns the compaction as a state machine (Amazon States Language, JSONata). No data passes through it.
 *
 * A pass over the lake takes one execution, or several if there are many days. It lists the days that runs have
 * touched since the last pass, oldest first, up to `DAYS_AT_ONCE` at a time. For each day, it unloads all rows to a
 * location named after the execution, and then switches the partition to that location. It then stores its progress in
 * the parameter. A pass that started today moves the boundary of the views when it is complete. A pass that started on
 * an earlier day leaves the boundary to the next pass.
 *
 * The parameter is `<day of the last pass>`, or during a pass
 * `<day of the last pass> <day of this pass> <last day built>/<table>`.
 */
export function compactionDefinition(tables: readonly CompactedTable[], names: CompactionNames): object {
  const keep = (value: string) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:ssm:putParameter',
    Arguments: { Name: names.boundary, Value: value, Overwrite: true },
  });
  const moveBoundaries = (label: string, boundary: string, next: string) => ({
    Type: 'Parallel',
    Branches: tables.map(({ table }) => {
      const name = `${label} ${table.name}`;
      return { StartAt: name, States: { [name]: query(names, moveBoundary(table, boundary)) } };
    }),
    Next: next,
  });
  return {
    Comment: 'Turns finished days of the lake into Parquet.',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: 6 * 3600,
    StartAt: 'ReadProgress',
    States: {
      ReadProgress: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter',
        Arguments: { Name: names.boundary },
        Assign: {
          since: "{% $split($states.result.Parameter.Value, ' ')[0] %}",
          until: `{% ($begun := $split($states.result.Parameter.Value, ' ')[1]; $exists($begun) ? $begun : ${TODAY}) %}`,
          today: `{% ${TODAY} %}`,
          after: `{% ($built := $split($states.result.Parameter.Value, ' ')[2]; $exists($built) ? $built : '') %}`,
          version: '{% $states.context.Execution.Name %}',
          listings: 0,
        },
        Next: 'IsFirstPass',
      },
      IsFirstPass: {
        Type: 'Choice',
        Choices: [
          { Condition: `{% $since = '${NOTHING_COMPACTED}' and $after = '' %}`, Next: 'ResetBoundaries' },
        ],
        Default: 'FindDays',
      },
      // Views may still have the boundary of an earlier compaction whose progress was reset.
      ResetBoundaries: moveBoundaries('ResetBoundary', NOTHING_COMPACTED, 'FindDays'),
      FindDays: query(
        names,
        touchedDays(tables, { since: '$since', until: '$until', after: '$after', most: DAYS_AT_ONCE }),
        'ReadDays',
      ),
      ReadDays: {
        Type: 'Task',
        Resource: 'arn:aws:states:::athena:getQueryResults',
        Arguments: {
          QueryExecutionId: '{% $states.input.QueryExecution.QueryExecutionId %}',
          MaxResults: 1000,
        },
        // The first row is the heading. More days may exist if there is another page or the listing is full.
        Assign: {
          isComplete: `{% $count($states.result.ResultSet.Rows) <= ${DAYS_AT_ONCE} and $not($exists($states.result.NextToken)) %}`,
          built: `{% ($row := $states.result.ResultSet.Rows[-1]; $count($states.result.ResultSet.Rows) > 1 ? $row.Data[0].VarCharValue & '/' & $row.Data[1].VarCharValue : $after) %}`,
        },
        Output: {
          days: `{% [$filter($states.result.ResultSet.Rows, function($row, $index) { $index > 0 }).{ 'day': Data[0].VarCharValue, 'table': Data[1].VarCharValue }] %}`,
        },
        Next: 'EveryDay',
      },
      EveryDay: {
        Type: 'Map',
        Items: '{% $states.input.days %}',
        MaxConcurrency: AT_ONCE,
        ItemProcessor: dayProcessor(tables, names),
        Next: 'KeepProgress',
      },
      KeepProgress: {
        ...keep("{% $since & ' ' & $until & ' ' & $built %}"),
        Assign: { after: '{% $built %}', listings: '{% $listings + 1 %}' },
        Next: 'IsComplete',
      },
      IsComplete: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $isComplete and $until = $today %}', Next: 'MoveBoundaries' },
          // Runs may have written to these days since the pass began. Views read them from NDJSON until the next pass.
          { Condition: '{% $isComplete %}', Next: 'KeepBoundary' },
          { Condition: `{% $listings < ${LISTINGS} %}`, Next: 'FindDays' },
        ],
        // The next execution continues the pass.
        Default: 'Continued',
      },
      Continued: { Type: 'Succeed' },
      MoveBoundaries: moveBoundaries('MoveBoundary', '$until', 'KeepBoundary'),
      KeepBoundary: { ...keep('{% $until %}'), Next: 'FindDuplicates' },
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
        End: true,
      },
    },
  };
}

/** Returns the states that build one day of one table. The input names both. */
function dayProcessor(tables: readonly CompactedTable[], names: CompactionNames): object {
  const location = `s3://${names.bucket}/${parquetTable('$states.input.table')}/dt=$states.input.day/v=$version/`;
  const byTable = (entries: readonly [string, string][], table: string) =>
    `{% $lookup({ ${entries.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(', ')} }, ${table}) %}`;
  const unload = tables.map(({ table }): [string, string] => [
    table.name,
    expression(unloadDay(table, '$states.input.day', location)),
  ]);
  const columns = tables.map(({ table }): [string, string] => [
    table.name,
    JSON.stringify(glueColumns(table).map(({ name, type }) => ({ Name: name, Type: type }))),
  ]);
  const partition = {
    Values: ['{% $day %}'],
    StorageDescriptor: {
      ...PARQUET_FORMAT,
      Columns: byTable(columns, '$table'),
      Location: '{% $location %}',
    },
  };
  const where = { DatabaseName: names.database, TableName: filled(parquetTable('$table')) };
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'Unload',
    States: {
      Unload: {
        ...queryTask(names, byTable(unload, '$states.input.table'), 'AddPartition'),
        Assign: {
          day: '{% $states.input.day %}',
          table: '{% $states.input.table %}',
          location: filled(location),
        },
      },
      AddPartition: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:glue:createPartition',
        Arguments: { ...where, PartitionInput: partition },
        Catch: [{ ErrorEquals: ['Glue.AlreadyExistsException'], Next: 'SwitchPartition' }],
        End: true,
      },
      SwitchPartition: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:glue:updatePartition',
        Arguments: { ...where, PartitionValueList: ['{% $day %}'], PartitionInput: partition },
        End: true,
      },
    },
  };
}

/** Returns the state that runs a statement and waits for it to end. */
function query(names: CompactionNames, statement: string, next?: string): object {
  return queryTask(names, filled(statement), next);
}

function queryTask({ database, workGroup }: CompactionNames, QueryString: string, next?: string): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
    Arguments: {
      QueryString,
      WorkGroup: workGroup,
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
    },
    Retry: PATIENCE,
    ...(next === undefined ? { End: true } : { Next: next }),
  };
}

/** Returns a JSONata string that replaces variables such as `$since` and `$states.input.day` with their values. */
function filled(text: string): string {
  return `{% ${expression(text)} %}`;
}

function expression(text: string): string {
  const parts = text.split(/(\$[a-z]+(?:\.[a-z]+)*)/);
  return parts.map((part, index) => (index % 2 === 1 ? part : JSON.stringify(part))).join(' & ');
}
