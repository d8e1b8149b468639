import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { collectionGaps, collectionRuns, filledGaps } from '../../shared/engine/tables.ts';
import type { Table } from '../../shared/lake/table.ts';
import { resolve, synthesize } from './templates.ts';

const { store } = synthesize();
const tables: readonly Table[] = [
  ...datasets.flatMap((dataset) => dataset.tables),
  collectionGaps,
  collectionRuns,
  filledGaps,
];

const columns = z.array(z.object({ Name: z.string(), Type: z.string(), Comment: z.string() }));

const tableSchema = z.object({
  Name: z.string(),
  Description: z.string(),
  TableType: z.string(),
  Parameters: z.record(z.string(), z.unknown()),
  PartitionKeys: columns,
  StorageDescriptor: z.object({
    Columns: columns,
    Compressed: z.boolean(),
    InputFormat: z.string(),
    Location: z.unknown().transform(resolve),
    SerdeInfo: z.object({ SerializationLibrary: z.string() }),
  }),
});

const inGlue = new Map(
  store.ofType('AWS::Glue::Table').map(({ Properties }) => {
    const table = tableSchema.parse(Properties['TableInput']);
    return [table.Name, table];
  }),
);

test('the catalog has exactly a landing table for each declared table', () => {
  expect([...inGlue.keys()].sort()).toEqual(tables.map(({ name }) => `${name}_landing`).sort());
});

describe.each(tables)('$name', (declared) => {
  const table = inGlue.get(`${declared.name}_landing`);

  test('has its columns in the order of the files, with their descriptions', () => {
    const described = declared.columns.map(({ name, type, description, unit }) => ({
      Name: name,
      Type: type,
      Comment: unit ? `${description} Unit: ${unit}.` : description,
    }));
    expect(table?.StorageDescriptor.Columns).toEqual(described);
    expect(table?.Description).toBe(
      `${declared.description} Fresh to the minute, the last 40 days; older rows: ${declared.name}.`,
    );
  });

  test("reads its own folder with Hive's JSON SerDe", () => {
    expect(table?.StorageDescriptor).toMatchObject({
      SerdeInfo: { SerializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
      InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
      Compressed: true,
    });
    expect(table?.StorageDescriptor.Location).toMatch(new RegExp(`^s3://\\S+/${declared.name}/$`));
    expect(table?.TableType).toBe('EXTERNAL_TABLE');
  });

  test('projects a window of days, and not years of empty ones', () => {
    expect(table?.PartitionKeys).toEqual([expect.objectContaining({ Name: 'dt', Type: 'string' })]);
    expect(table?.Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.range': 'NOW-40DAYS,NOW+1DAY',
    });
  });
});

test('landing tables show the configured number of days, in the configured database', () => {
  const { store: configured } = synthesize({ catalog: { landingDays: 7, database: 'mongodb' } });
  for (const { Properties } of configured.ofType('AWS::Glue::Table')) {
    const { Parameters, Description } = tableSchema.parse(Properties['TableInput']);
    expect(Parameters['projection.dt.range']).toBe('NOW-7DAYS,NOW+1DAY');
    expect(Description).toContain('the last 7 days');
  }
  expect(configured.ofType('AWS::Glue::Database')[0]?.Properties['DatabaseInput']).toMatchObject({
    Name: 'mongodb',
  });
});

test('the catalog has no crawler', () => expect(store.ofType('AWS::Glue::Crawler')).toEqual([]));

test('queries have a scan limit, and encrypted results that expire after a week', () => {
  const { store: configured } = synthesize({ catalog: { scanLimitGigabytes: 7 } });
  const [workGroup, ...others] = configured.ofType('AWS::Athena::WorkGroup');
  expect(others).toEqual([]);
  const { WorkGroupConfiguration } = z
    .object({
      WorkGroupConfiguration: z.looseObject({
        ResultConfiguration: z.object({ OutputLocation: z.unknown(), EncryptionConfiguration: z.unknown() }),
      }),
    })
    .parse(workGroup?.Properties);
  expect(WorkGroupConfiguration).toMatchObject({
    EnforceWorkGroupConfiguration: true,
    BytesScannedCutoffPerQuery: 7 * 1024 ** 3,
    ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
  });
  const location = resolve(WorkGroupConfiguration.ResultConfiguration.OutputLocation);
  const results = configured.withId(location.replace(/^.*address-of-|\/results\/$/g, ''));
  expect(results.Properties['LifecycleConfiguration']).toMatchObject({ Rules: [{ ExpirationInDays: 7 }] });
  expect(results.Properties).not.toHaveProperty('VersioningConfiguration');
});
