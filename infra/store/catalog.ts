import { Duration, Names, type RemovalPolicy } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import {
  ClassificationString,
  type Column,
  Database,
  DataFormat,
  InputFormat,
  OutputFormat,
  PartitionProjectionConfiguration,
  S3Table,
  S3TableStorage,
  Schema,
  SerializationLibrary,
  type Type,
} from 'aws-cdk-lib/aws-glue';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StackConfig } from '../../shared/deployment/configuration.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import type { ColumnType, Table, Column as TableColumn } from '../../shared/lake/table.ts';
import { landingTable } from '../../sql/athena.ts';
import type { Encryption } from '../encryption.ts';
import { CLOSED_BUCKET } from './lake-bucket.ts';

/** CDK's `DataFormat.JSON` uses the OpenX SerDe, which expects another timestamp format than the lake's. */
const NDJSON = new DataFormat({
  inputFormat: InputFormat.TEXT,
  outputFormat: OutputFormat.HIVE_IGNORE_KEY_TEXT,
  serializationLibrary: SerializationLibrary.HIVE_JSON,
  classificationString: ClassificationString.JSON,
});

const TYPES: Record<ColumnType, Type> = {
  string: Schema.STRING,
  double: Schema.DOUBLE,
  int: Schema.INTEGER,
  bigint: Schema.BIG_INT,
  boolean: Schema.BOOLEAN,
  timestamp: Schema.TIMESTAMP,
};

/** Glue's limit for a column comment, characters. */
const MAX_COMMENT_LENGTH = 255;

const RESULTS_EXPIRE = Duration.days(7);

export interface CatalogProps {
  lake: Bucket;
  datasets: readonly DatasetDeclaration[];
  config: StackConfig['catalog'];
  encryption: Encryption;
  removalPolicy: RemovalPolicy;
}

/**
 * Makes the lake a database: a landing table for each declared table, and an Athena workgroup to query them. It needs
 * no crawler, because columns are declared and Athena projects the partitions from the calendar.
 */
export class Catalog extends Construct {
  readonly database: Database;
  readonly workGroup: CfnWorkGroup;
  readonly results: Bucket;

  constructor(
    scope: Construct,
    id: string,
    { lake, datasets, config, encryption, removalPolicy }: CatalogProps,
  ) {
    super(scope, id);
    this.database = new Database(this, 'Database', {
      databaseName: config.database,
      description: 'MongoDB Atlas data, collected by Atlas Lake.',
    });
    this.database.applyRemovalPolicy(removalPolicy);
    // Athena lists the folder of each projected day that a query does not exclude, even if it is empty.
    const days = PartitionProjectionConfiguration.date({
      min: `NOW-${config.landingDays}DAYS`,
      max: 'NOW+1DAY',
      format: 'yyyy-MM-dd',
    });
    // Imported by name: with `exactOptionalPropertyTypes`, `Bucket` is not assignable to `IBucket`.
    const storage = S3TableStorage.fromBucket(Bucket.fromBucketName(this, 'Lake', lake.bucketName));
    for (const table of lakeTables(datasets)) {
      const glueTable = new S3Table(this, table.name, {
        database: this.database,
        tableName: landingTable(table.name),
        description: `${table.description} Fresh to the minute, the last ${config.landingDays} days; older rows: ${table.name}.`,
        columns: glueColumns(table),
        partitionKeys: [{ name: 'dt', type: Schema.STRING, comment: 'The UTC day of `ts`, as YYYY-MM-DD.' }],
        partitionProjection: { dt: days },
        dataFormat: NDJSON,
        compressed: true,
        storage,
        s3Prefix: `${table.name}/`,
      });
      glueTable.applyRemovalPolicy(removalPolicy);
    }
    this.results = this.#results(encryption, removalPolicy);
    this.workGroup = this.#workGroup(config, encryption, removalPolicy);
  }

  #results(encryption: Encryption, removalPolicy: RemovalPolicy): Bucket {
    // Results may contain rows that the lake has since deleted, so they expire after days and have no versions.
    return new Bucket(this, 'QueryResults', {
      ...CLOSED_BUCKET,
      ...encryption.bucket,
      lifecycleRules: [{ expiration: RESULTS_EXPIRE, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
  }

  #workGroup(
    { scanLimitGigabytes }: StackConfig['catalog'],
    encryption: Encryption,
    removalPolicy: RemovalPolicy,
  ): CfnWorkGroup {
    const workGroup = new CfnWorkGroup(this, 'Queries', {
      // CloudFormation requires a name. This one is derived from the stack's name.
      name: Names.uniqueResourceName(this, { maxLength: 60, separator: '-' }),
      description: 'Queries on the Atlas lake, with a scan limit for each query.',
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: scanLimitGigabytes * 1024 ** 3,
        publishCloudWatchMetricsEnabled: true,
        resultConfiguration: {
          outputLocation: this.results.s3UrlForObject('results/'),
          encryptionConfiguration: encryption.results,
        },
      },
    });
    workGroup.applyRemovalPolicy(removalPolicy);
    return workGroup;
  }
}

function glueColumns({ name: table, columns }: Table): Column[] {
  return columns.map(({ name, type, description, unit }: TableColumn) => {
    const comment = unit === undefined ? description : `${description} Unit: ${unit}.`;
    if (comment.length > MAX_COMMENT_LENGTH) {
      throw new Error(
        `${table}.${name}: the description is too long; shorten it to ${MAX_COMMENT_LENGTH} characters`,
      );
    }
    return { name, type: TYPES[type], comment };
  });
}
