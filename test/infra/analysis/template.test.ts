import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PUBLICATION_METRICS } from '../../../shared/publication/metrics.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { views } from '../../../sql/views.ts';
import { loadTrinoGrammar, type TrinoCheck } from '../../support/trino-grammar.ts';
import { type ParsedTemplate, synthesize } from '../templates.ts';

const tableInput = z.object({
  DatabaseName: z.literal('atlas_lake'),
  TableInput: z.object({
    Name: z.string(),
    Description: z.string().optional(),
    TableType: z.string(),
    Parameters: z.record(z.string(), z.string()),
    PartitionKeys: z.array(z.object({ Name: z.string(), Type: z.string() })),
    StorageDescriptor: z.object({
      Columns: z.array(z.object({ Name: z.string(), Type: z.string() })),
      Location: z.unknown(),
    }),
    ViewOriginalText: z.string().optional(),
  }),
});

const viewDocument = z.object({
  originalSql: z.string(),
  catalog: z.literal('awsdatacatalog'),
  schema: z.literal('atlas_lake'),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  runAsInvoker: z.literal(true),
});

let template: ParsedTemplate;
let tables: Array<z.infer<typeof tableInput>['TableInput']>;
let errorsOf: TrinoCheck;
beforeAll(async () => {
  errorsOf = await loadTrinoGrammar();
  template = synthesize().analysis;
  tables = template
    .ofType('AWS::Glue::Table')
    .filter(({ Properties }) => Properties['DatabaseName'] === 'atlas_lake')
    .map(({ Properties }) => tableInput.parse(Properties).TableInput);
});

function viewOf(name: string): z.infer<typeof viewDocument> {
  const text = tables.find((table) => table.Name === name)?.ViewOriginalText ?? '';
  const [, encoded = ''] = /^\/\* Presto View: (.*) \*\/$/.exec(text) ?? [];
  return viewDocument.parse(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')));
}

describe('Athena views', () => {
  test('each view has the same columns in its Glue table and in its Athena document', () => {
    const hive: Record<string, string> = { varchar: 'string', integer: 'int', 'timestamp(3)': 'timestamp' };
    for (const { name, columns } of views) {
      const table = tables.find((one) => one.Name === name);
      expect(table).toMatchObject({
        TableType: 'VIRTUAL_VIEW',
        Parameters: { presto_view: 'true', comment: 'Presto View' },
      });
      expect(table).not.toHaveProperty('Description');
      const document = viewOf(name);
      expect(document.columns.map((column) => column.name)).toEqual(columns.map((column) => column.name));
      expect(document.columns.map(({ name: Name, type }) => ({ Name, Type: hive[type] ?? type }))).toEqual(
        table?.StorageDescriptor.Columns,
      );
      expect(errorsOf(`${document.originalSql};`)).toEqual([]);
    }
  });

  test('views read Iceberg tables, and the landing tables where a table must be fresh', () => {
    const names = new Set(lakeTables.map(({ name }) => name));
    const fresh = ['dataset_freshness', 'duplicate_rows'];
    for (const { name } of views) {
      const read = [...viewOf(name).originalSql.matchAll(/(?:FROM|JOIN|,) ([a-z]\w+)/g)]
        .map(([, table = '']) => table)
        .filter((table) => names.has(table.replace(/_landing$/, '')));
      expect(read.length, name).toBeGreaterThan(0);
      for (const table of read) expect(table.endsWith('_landing'), name).toBe(fresh.includes(name));
    }
  });

  test('each view has a named query in the workgroup', () => {
    const named = template.ofType('AWS::Athena::NamedQuery').map(({ Properties }) => Properties);
    expect(named.map(({ Name }) => Name)).toEqual(views.map(({ name }) => name));
    for (const query of named) {
      expect(query).toMatchObject({
        Database: 'atlas_lake',
        QueryString: viewOf(String(query['Name'])).originalSql,
      });
    }
  });
});

describe('publication', () => {
  test('each table has a table of slices with the same columns, whose partition lists objects', () => {
    const slices = template
      .ofType('AWS::Glue::Table')
      .map(({ Properties }) => Properties)
      .filter(({ DatabaseName }) => DatabaseName === 'atlas_lake_slices');
    expect(slices).toHaveLength(lakeTables.length);
    for (const { name, columns } of lakeTables) {
      expect(slices.map(({ TableInput }) => TableInput)).toContainEqual(
        expect.objectContaining({
          Name: name,
          PartitionKeys: [{ Name: 'slice', Type: 'string' }],
          Parameters: expect.objectContaining({ 'projection.slice.type': 'injected' }),
          StorageDescriptor: expect.objectContaining({
            InputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
            Columns: columns.map((column) => ({ Name: column.name, Type: column.type })),
          }),
        }),
      );
    }
  });

  test('the state machine is allowed all actions of its tasks, and writes and deletes only Iceberg files', () => {
    const [machine] = template.ofType('AWS::StepFunctions::StateMachine');
    const definition = JSON.stringify(machine?.Properties['DefinitionString']);
    const tasks = new Set(
      [...definition.matchAll(/:::(?:aws-sdk:)?([a-z0-9]+:[a-zA-Z]+)/g)].map(([, task]) => task),
    );
    const allowed = template
      .ofType('AWS::IAM::Policy')
      .map(({ Properties }) => JSON.stringify(Properties))
      .join();
    for (const task of tasks) {
      const [service = '', action = ''] = (task ?? '').split(':');
      const granted =
        task === 'lambda:invoke' ? 'InvokeFunction' : `${action[0]?.toUpperCase()}${action.slice(1)}`;
      expect(allowed).toContain(`"${service}:${granted}"`);
    }
    expect(tasks.size).toBe(5);
    // China and GovCloud have other partitions.
    expect(definition).not.toContain('arn:aws:');
    const statements = z
      .array(z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() }))
      .parse(
        template
          .ofType('AWS::IAM::Policy')
          .flatMap(({ Properties }) => Object(Properties['PolicyDocument']).Statement),
      );
    for (const { Action, Resource } of statements) {
      const actions = [Action].flat();
      expect(actions.every((action) => !action.includes('*'))).toBe(true);
      if (!actions.includes('s3:PutObject') && !actions.includes('s3:DeleteObject')) continue;
      const folders = [...JSON.stringify(Resource).matchAll(/"\/([^"]*)"/g)].map(([, folder]) => folder);
      // The bucket of query results has no folders.
      expect(['iceberg/*', 'publication/slices/*', 'publication/*', '*']).toEqual(
        expect.arrayContaining(folders),
      );
    }
  });

  test('it runs every hour or as configured, and has alarms for failures, delay, duplicate and missing rows', () => {
    const schedule = (from: ParsedTemplate) => from.ofType('AWS::Scheduler::Schedule')[0]?.Properties;
    expect(schedule(template)).toMatchObject({
      ScheduleExpression: 'cron(0 * * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
    });
    const rarely = synthesize({ publish: { every: 'PT6H' } }).analysis;
    expect(schedule(rarely)).toMatchObject({ ScheduleExpression: 'cron(0 0/6 * * ? *)' });
    // The maintenance begins at three.
    const daily = synthesize({ publish: { every: 'P1D' } }).analysis;
    expect(schedule(daily)).toMatchObject({ ScheduleExpression: 'cron(0 3 * * ? *)' });
    const alarms = template
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ Properties }) => JSON.stringify(Properties));
    expect(alarms).toHaveLength(4);
    expect(Object.keys(PUBLICATION_METRICS)).toContain('PublicationBehind');
    const watched = ['PublicationBehind', 'DuplicateRows', 'MissingRows'];
    for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', ...watched]) {
      expect(alarms.some((alarm) => alarm.includes(`"${metric}"`))).toBe(true);
    }
  });

  test('the function deletes expired rows of the tables whose landing files expire', () => {
    const { analysis } = synthesize({ datasets: { access_logs: { expireAfterDays: 90 } } });
    expect(JSON.stringify(analysis.ofType('AWS::Lambda::Function'))).toContain(
      JSON.stringify(JSON.stringify({ access_logs: 90 })).slice(1, -1),
    );
  });

  test('the collector is deployed after the publication, which must know appended columns first', () => {
    const { collector, analysis } = synthesize().stacks;
    expect(collector.dependencies).toContain(analysis);
  });
});
