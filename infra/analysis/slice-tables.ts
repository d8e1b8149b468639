import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { slicesPrefix } from '../../shared/publication/slice-store.ts';
import { lakeTables } from '../../sql/tables.ts';
import { glueColumns } from './storage.ts';

export interface SliceTablesProps {
  lake: Bucket;
  /** The name of their own Glue database, so that people do not see them among the tables of the lake. */
  database: string;
}

/**
 * The tables from which the publication reads landing files. A partition is a slice: a file that lists objects. Only the
 * listed objects are read, so no statement can see an object that is not committed.
 */
export class SliceTables extends Construct {
  constructor(scope: Construct, id: string, { lake, database }: SliceTablesProps) {
    super(scope, id);
    const catalogId = Stack.of(this).account;
    const container = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: {
        name: database,
        description: 'Internal to the publication of the Atlas lake.',
      },
    });
    for (const table of lakeTables) {
      const location = lake.s3UrlForObject(slicesPrefix(table.name));
      const slices = new CfnTable(this, table.name, {
        catalogId,
        databaseName: database,
        tableInput: {
          name: table.name,
          tableType: 'EXTERNAL_TABLE',
          partitionKeys: [{ name: 'slice', type: 'string' }],
          parameters: {
            EXTERNAL: 'TRUE',
            classification: 'json',
            'projection.enabled': 'true',
            // A query must name its slice.
            'projection.slice.type': 'injected',
            'storage.location.template': `${location}slice=\${slice}/`,
          },
          storageDescriptor: {
            columns: glueColumns(table),
            location,
            inputFormat: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
            outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
            serdeInfo: { serializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
          },
        },
      });
      slices.addResourceDependency(container);
    }
  }
}
