import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
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

  test('views read finished days from Parquet and other days from NDJSON', () => {
    for (const { name } of views) {
      const { originalSql } = viewOf(name);
      for (const [, from = ''] of originalSql.matchAll(/FROM ([a-z_]+)/g)) expect(from).toMatch(/_all$/);
    }
    for (const { name, columns } of lakeTables) {
      const { originalSql, columns: its } = viewOf(`${name}_all`);
      expect(originalSql).toContain(`FROM ${name}_parquet WHERE dt < '1970-01-01' UNION ALL`);
      expect(its.map((column) => column.name)).toEqual([...columns.map((column) => column.name), 'dt']);
      expect(errorsOf(`${originalSql};`)).toEqual([]);
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

describe('compaction', () => {
  test('each table has a Parquet table with the same columns and without partition projection', () => {
    for (const { name, columns } of lakeTables) {
      const table = tables.find((one) => one.Name === `${name}_parquet`);
      expect(table).toMatchObject({
        TableType: 'EXTERNAL_TABLE',
        PartitionKeys: [{ Name: 'dt', Type: 'string' }],
      });
      expect(table?.Parameters).not.toHaveProperty('projection.enabled');
      expect(table?.StorageDescriptor.Columns).toEqual(
        columns.map((column) => ({ Name: column.name, Type: column.type })),
      );
    }
  });

  test('the state machine is allowed all actions of its tasks and may write to the lake only in the Parquet folders', () => {
    const [machine] = template.ofType('AWS::StepFunctions::StateMachine');
    const definition = JSON.stringify(machine?.Properties['DefinitionString']);
    const tasks = new Set(
      [...definition.matchAll(/:::(?:aws-sdk:)?([a-z]+:[a-zA-Z]+)/g)].map(([, task]) => task),
    );
    const policies = template.ofType('AWS::IAM::Policy').map(({ Properties }) => JSON.stringify(Properties));
    const allowed = policies.join();
    for (const task of tasks) {
      const [service = '', action = ''] = (task ?? '').split(':');
      expect(allowed).toContain(`"${service}:${action[0]?.toUpperCase()}${action.slice(1)}"`);
    }
    expect(tasks.size).toBe(7);
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
      if (!actions.includes('s3:PutObject')) continue;
      const folders = [...JSON.stringify(Resource).matchAll(/"\/([^"]*)"/g)].map(([, folder]) => folder);
      expect(folders.filter((folder) => folder !== '*')).toEqual(
        lakeTables.map(({ name }) => `${name}_parquet/*`),
      );
      expect(actions).not.toContain('s3:DeleteObject');
    }
  });

  test('it runs every night and has alarms for failures and duplicate rows', () => {
    const [schedule] = template.ofType('AWS::Scheduler::Schedule');
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: 'cron(30 6 * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
    });
    const alarms = template
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ Properties }) => JSON.stringify(Properties));
    expect(alarms).toHaveLength(2);
    for (const metric of ['ExecutionsFailed', 'ExecutionsTimedOut', 'DuplicateRows']) {
      expect(alarms.some((alarm) => alarm.includes(`"${metric}"`))).toBe(true);
    }
  });
});
