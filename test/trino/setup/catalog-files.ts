import { EXTERNAL_CREDENTIALS } from '../../support/external-aws.ts';
import { HIVE_CATALOG, ICEBERG_CATALOG } from '../catalogs.ts';

/** Athena refuses statements that write more partitions. */
const MOST_PARTITIONS = '100';

/** Returns the text of a Java properties file. */
export function properties(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/**
 * Returns the configuration of each catalog, by name.
 * @param aws the address of Glue and S3
 */
export function catalogFiles(aws: string): Record<string, string> {
  const { accessKeyId, secretAccessKey } = EXTERNAL_CREDENTIALS;
  const common = {
    'hive.metastore.glue.region': 'us-east-1',
    'hive.metastore.glue.endpoint-url': aws,
    'hive.metastore.glue.aws-access-key': accessKeyId,
    'hive.metastore.glue.aws-secret-key': secretAccessKey,
    'fs.native-s3.enabled': 'true',
    's3.endpoint': aws,
    's3.region': 'us-east-1',
    's3.path-style-access': 'true',
    's3.aws-access-key': accessKeyId,
    's3.aws-secret-key': secretAccessKey,
    's3.max-connections': '100',
    's3.max-error-retries': '10',
  };
  return {
    [HIVE_CATALOG]: properties({
      'connector.name': 'hive',
      'hive.metastore': 'glue',
      ...common,
      'hive.iceberg-catalog-name': ICEBERG_CATALOG,
      'hive.partition-projection-enabled': 'true',
      'hive.timestamp-precision': 'MILLISECONDS',
      // `UNLOAD` becomes an external table.
      'hive.non-managed-table-writes-enabled': 'true',
      'hive.max-partitions-per-writers': MOST_PARTITIONS,
      // A view that reads all tables lists their days at once. moto is slow, and requests must not wait for a connection.
      'hive.split-loader-concurrency': '8',
      'hive.table-statistics-enabled': 'false',
      'hive.collect-column-statistics-on-write': 'false',
    }),
    [ICEBERG_CATALOG]: properties({
      'connector.name': 'iceberg',
      'iceberg.catalog.type': 'glue',
      ...common,
      'iceberg.hive-catalog-name': HIVE_CATALOG,
      // Athena's properties of a table, such as those of VACUUM.
      'iceberg.allowed-extra-properties': '*',
      'iceberg.max-partitions-per-writer': MOST_PARTITIONS,
      // Athena takes the retention from the table's properties, and it may be shorter than Trino's usual limit.
      'iceberg.expire-snapshots.min-retention': '0s',
      'iceberg.remove-orphan-files.min-retention': '0s',
    }),
  };
}
