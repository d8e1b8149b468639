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
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import type { ColumnType, Table, Column as TableColumn } from '../../shared/lake/table.ts';
import type { StackConfig } from '../configuration.ts';
import { CLOSED_BUCKET } from './lake-bucket.ts';

/** CDK's `DataFormat.JSON` names OpenX's SerDe, which reads timestamps in another form than the lake has. */
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

/** Glue takes so many characters of a column's comment. */
const LONGEST_COMMENT = 255;

const RESULTS_EXPIRE = Duration.days(7);

export interface CatalogProps {
  lake: Bucket;
  datasets: readonly DatasetDeclaration[];
  config: StackConfig['catalog'];
  removalPolicy: RemovalPolicy;
}

/**
 * What makes the lake a database: a Glue table for each table of the declarations, and a workgroup to query them with.
 * No crawler: columns are declared, and partitions follow from the calendar.
 */
export class Catalog extends Construct {
  readonly database: Database;
  readonly workGroup: CfnWorkGroup;
  readonly results: Bucket;

  constructor(scope: Construct, id: string, { lake, datasets, config, removalPolicy }: CatalogProps) {
    super(scope, id);
    this.database = new Database(this, 'Database', {
      databaseName: config.database,
      description: 'What MongoDB Atlas knows about its clusters.',
    });
    this.database.applyRemovalPolicy(removalPolicy);
    const days = PartitionProjectionConfiguration.date({
      min: config.firstDay,
      max: 'NOW+1DAY',
      format: 'yyyy-MM-dd',
    });
    // By its name, for the class is no `IBucket` where optional properties are taken exactly.
    const storage = S3TableStorage.fromBucket(Bucket.fromBucketName(this, 'Lake', lake.bucketName));
    for (const table of lakeTables(datasets)) {
      const glueTable = new S3Table(this, table.name, {
        database: this.database,
        tableName: table.name,
        description: table.description,
        columns: glueColumns(table),
        partitionKeys: [{ name: 'dt', type: Schema.STRING, comment: 'The UTC day of `ts`, YYYY-MM-DD.' }],
        partitionProjection: { dt: days },
        dataFormat: NDJSON,
        compressed: true,
        storage,
        s3Prefix: `${table.name}/`,
      });
      glueTable.applyRemovalPolicy(removalPolicy);
    }
    this.results = this.#results(removalPolicy);
    this.workGroup = this.#workGroup(config, removalPolicy);
  }

  #results(removalPolicy: RemovalPolicy): Bucket {
    // Results may hold what the lake forgets: they are kept for some days and without versions.
    return new Bucket(this, 'QueryResults', {
      ...CLOSED_BUCKET,
      lifecycleRules: [{ expiration: RESULTS_EXPIRE, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
  }

  #workGroup({ scanLimitGigabytes }: StackConfig['catalog'], removalPolicy: RemovalPolicy): CfnWorkGroup {
    const workGroup = new CfnWorkGroup(this, 'Queries', {
      // CloudFormation asks for a name; this one follows from the stack's.
      name: Names.uniqueResourceName(this, { maxLength: 60, separator: '-' }),
      description: 'Queries of the Atlas lake, with a limit to what one may read.',
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: scanLimitGigabytes * 1024 ** 3,
        publishCloudWatchMetricsEnabled: true,
        resultConfiguration: {
          outputLocation: this.results.s3UrlForObject('results/'),
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
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
    if (comment.length > LONGEST_COMMENT) {
      throw new Error(`${table}.${name}: a description has ${LONGEST_COMMENT} characters at most`);
    }
    return { name, type: TYPES[type], comment };
  });
}
