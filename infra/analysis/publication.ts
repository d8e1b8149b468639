import { Duration, Names, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table as CursorTable } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { DAY, MINUTE } from '../../shared/durations.ts';
import { RECORDS_FOLDER } from '../../shared/lake/keys.ts';
import { PUBLICATION_FOLDER, SLICES_FOLDER } from '../../shared/publication/slice-store.ts';
import { lakeTables } from '../../sql/tables.ts';
import { CollectorFunction, metricsEnvironment } from '../collector/collector-function.ts';
import { cronExpression } from '../collector/tick-schedules.ts';
import type { Encryption } from '../encryption.ts';
import { CollectorMetrics } from '../operations/metrics.ts';
import { PublicationAlarms } from '../operations/publication-alarms.ts';
import { allow } from '../permissions.ts';
import { publicationDefinition } from './publication-definition.ts';
import { SliceTables } from './slice-tables.ts';

const FUNCTION_MEGABYTES = 1024;

export interface PublicationProps {
  lake: Bucket;
  /** The bucket where workgroups write query results. */
  results: Bucket;
  cursors: CursorTable;
  /** The Glue database of the Iceberg tables. */
  database: string;
  /** Interval between publications, ms. */
  every: number;
  /** The age at which rows of a table are deleted, days. */
  expireAfterDays: Readonly<Record<string, number>>;
  /** The namespace of the metrics. */
  namespace: string;
  alarmActions: readonly IAlarmAction[];
  encryption: Encryption;
}

/** Moves committed rows into Iceberg tables: a function, a state machine, its schedule and three alarms. */
export class Publication extends Construct {
  readonly machine: StateMachine;
  readonly publish: CollectorFunction;
  readonly workGroup: CfnWorkGroup;

  constructor(scope: Construct, id: string, props: PublicationProps) {
    super(scope, id);
    const slicesDatabase = `${props.database}_slices`;
    new SliceTables(this, 'Slices', { lake: props.lake, database: slicesDatabase });
    this.workGroup = this.#workGroup(props.results, props.encryption);
    this.publish = new CollectorFunction(this, 'Publish', {
      folder: 'publish',
      description:
        'Finds committed objects that are not published, and returns the statements that publish them.',
      timeout: Duration.minutes(15),
      memorySize: FUNCTION_MEGABYTES,
      encryption: props.encryption,
      environment: {
        ...metricsEnvironment(props.namespace),
        LAKE_BUCKET: props.lake.bucketName,
        CURSOR_TABLE: props.cursors.tableName,
        ICEBERG_DATABASE: props.database,
        SLICES_DATABASE: slicesDatabase,
        EXPIRE_AFTER_DAYS: JSON.stringify(props.expireAfterDays),
      },
    });
    this.machine = new StateMachine(this, 'Machine', {
      comment: 'Publishes committed rows to the Iceberg tables.',
      definitionBody: DefinitionBody.fromString(
        Stack.of(this).toJsonString(
          publicationDefinition({
            partition: Stack.of(this).partition,
            publish: this.publish.function.functionArn,
            database: props.database,
            workGroup: this.workGroup.ref,
            bucket: props.lake.bucketName,
            namespace: props.namespace,
          }),
        ),
      ),
    });
    this.#functionPermissions(props);
    this.#machinePermissions(props, slicesDatabase);
    this.#schedule(props.every);
    new PublicationAlarms(this, 'Alarms', {
      machine: this.machine,
      every: props.every,
      metrics: new CollectorMetrics(props.namespace),
      actions: props.alarmActions,
    });
  }

  /** Statements that write must not be cancelled for the bytes that they read, so they have their own workgroup. */
  #workGroup(results: Bucket, encryption: Encryption): CfnWorkGroup {
    return new CfnWorkGroup(this, 'Statements', {
      name: Names.uniqueResourceName(this, { maxLength: 60, separator: '-' }),
      description: 'The statements that publish the Atlas lake.',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        resultConfiguration: {
          outputLocation: results.s3UrlForObject('publication/'),
          encryptionConfiguration: encryption.results,
        },
      },
    });
  }

  #functionPermissions({ lake, cursors, database }: PublicationProps): void {
    const { role } = this.publish;
    const own = lake.arnForObjects(`${PUBLICATION_FOLDER}/*`);
    allow(role, ['s3:ListBucket'], [lake.bucketArn]);
    // It looks for objects of tables that a lifecycle rule has deleted.
    const tables = lakeTables.map(({ name }) => lake.arnForObjects(`${name}/*`));
    allow(role, ['s3:GetObject'], [lake.arnForObjects(`${RECORDS_FOLDER}/*`), own, ...tables]);
    allow(role, ['s3:PutObject', 's3:DeleteObject'], [own]);
    allow(role, ['dynamodb:GetItem'], [cursors.tableArn]);
    allow(role, ['dynamodb:PutItem', 'dynamodb:DeleteItem'], [cursors.tableArn], {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['publication'] },
    });
    allow(role, ['glue:GetTables'], this.#glueArns(database, ['*']));
  }

  #machinePermissions(
    { lake, results, database, namespace, encryption }: PublicationProps,
    slicesDatabase: string,
  ): void {
    const { role } = this.machine;
    const { partition, region, account } = Stack.of(this);
    const athena = (resource: string) => `arn:${partition}:athena:${region}:${account}:${resource}`;
    allow(role, ['lambda:InvokeFunction'], [this.publish.function.functionArn]);
    allow(
      role,
      [
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
      ],
      [athena(`workgroup/${this.workGroup.ref}`)],
    );
    allow(role, ['athena:GetDataCatalog'], [athena('datacatalog/AwsDataCatalog')]);
    allow(
      role,
      ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartition', 'glue:GetPartitions'],
      [...this.#glueArns(database, ['*']), ...this.#glueArns(slicesDatabase, ['*'])],
    );
    // Each commit to an Iceberg table updates its entry. Deleting is for the JSON tables that had these names before 0.2.0.
    allow(
      role,
      ['glue:CreateTable', 'glue:UpdateTable', 'glue:DeleteTable', 'glue:DeletePartition'],
      this.#glueArns(
        database,
        lakeTables.map(({ name }) => name),
      ),
    );
    // Athena's documentation requires it for every statement.
    allow(role, ['glue:GetDatabase'], this.#glueArns('default', []));
    allow(role, ['s3:GetBucketLocation', 's3:ListBucket'], [lake.bucketArn, results.bucketArn]);
    allow(role, ['s3:GetObject'], [lake.arnForObjects('*'), results.arnForObjects('*')]);
    allow(
      role,
      ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      [lake.arnForObjects('iceberg/*'), results.arnForObjects('*')],
    );
    allow(
      role,
      ['s3:DeleteObject'],
      [lake.arnForObjects('iceberg/*'), lake.arnForObjects(`${SLICES_FOLDER}/*`)],
    );
    encryption.allow(role);
    allow(role, ['cloudwatch:PutMetricData'], ['*'], {
      StringEquals: { 'cloudwatch:namespace': [namespace] },
    });
  }

  #glueArns(database: string, tables: readonly string[]): string[] {
    const { partition, region, account } = Stack.of(this);
    const arn = (resource: string) => `arn:${partition}:glue:${region}:${account}:${resource}`;
    return [
      arn('catalog'),
      arn(`database/${database}`),
      ...tables.map((table) => arn(`table/${database}/${table}`)),
    ];
  }

  #schedule(every: number): void {
    const group = new CfnScheduleGroup(this, 'Group');
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': group.attrArn },
        },
      }),
    });
    allow(role, ['states:StartExecution'], [this.machine.stateMachineArn]);
    new CfnSchedule(this, 'Every', {
      description: 'Publication of the lake',
      groupName: group.ref,
      // Once a day is at the hour of the maintenance.
      scheduleExpression: every === DAY ? 'cron(0 3 * * ? *)' : cronExpression('publish', every / MINUTE),
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 10 },
      target: {
        arn: this.machine.stateMachineArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 1800 },
      },
    });
  }
}
