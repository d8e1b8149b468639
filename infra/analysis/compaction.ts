import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { lakeTables } from '../../sql/tables.ts';
import { allow } from '../permissions.ts';
import { compactedTables } from './compacted-tables.ts';
import { compactionDefinition, DUPLICATES_METRIC, NOTHING_COMPACTED } from './compaction-definition.ts';
import { parquetTable, wholeTable } from './statements.ts';
import { glueColumns, PARQUET_FORMAT } from './storage.ts';

const METRIC_NAMESPACE = 'AtlasLake';

/**
 * 06:30 UTC. By then every dataset has settled the previous day: ranked namespaces, the slowest, request each hour
 * for three hours.
 */
const EVERY_NIGHT = 'cron(30 6 * * ? *)';

export interface CompactionProps {
  lake: Bucket;
  /** The bucket where the workgroup writes query results. */
  results: Bucket;
  database: string;
  workGroup: string;
  datasets: readonly DatasetDeclaration[];
  alarmActions: readonly IAlarmAction[];
}

/** Turns finished days into Parquet every night: the Parquet tables, the state machine, its schedule and two alarms. */
export class Compaction extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: CompactionProps) {
    super(scope, id);
    const { InputFormat, OutputFormat, SerdeInfo } = PARQUET_FORMAT;
    for (const table of lakeTables) {
      new CfnTable(this, parquetTable(table.name), {
        catalogId: Stack.of(this).account,
        databaseName: props.database,
        tableInput: {
          name: parquetTable(table.name),
          description: `Finished days of ${table.name}. To read all days, query ${wholeTable(table.name)}.`,
          tableType: 'EXTERNAL_TABLE',
          parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
          partitionKeys: [{ name: 'dt', type: 'string' }],
          storageDescriptor: {
            columns: glueColumns(table),
            location: props.lake.s3UrlForObject(`${parquetTable(table.name)}/`),
            inputFormat: InputFormat,
            outputFormat: OutputFormat,
            serdeInfo: { serializationLibrary: SerdeInfo.SerializationLibrary },
          },
        },
      });
    }

    // The machine owns the value. CloudFormation writes the initial value again if these properties change.
    const boundary = new StringParameter(this, 'Progress', {
      description:
        'The day of the last pass of the compaction, and how far the present one has come. 1970-01-01 starts over.',
      stringValue: NOTHING_COMPACTED,
    });
    this.machine = new StateMachine(this, 'Machine', {
      comment: 'Turns finished days of the lake into Parquet.',
      definitionBody: DefinitionBody.fromString(
        Stack.of(this).toJsonString(
          compactionDefinition(compactedTables(props.datasets), {
            database: props.database,
            workGroup: props.workGroup,
            bucket: props.lake.bucketName,
            boundary: boundary.parameterName,
            metricNamespace: METRIC_NAMESPACE,
          }),
        ),
      ),
    });
    this.#permissions(this.machine.role, boundary, props);
    this.#schedule();
    this.#alarms(props.alarmActions);
  }

  #permissions(role: IRole, boundary: StringParameter, props: CompactionProps): void {
    const { lake, results, database } = props;
    const { partition, region, account } = Stack.of(this);
    const arn = (service: string, resource: string) =>
      `arn:${partition}:${service}:${region}:${account}:${resource}`;
    const glue = (resource: string) => arn('glue', resource);
    const containers = [glue('catalog'), glue(`database/${database}`)];
    const tables = (names: readonly string[]) => names.map((name) => glue(`table/${database}/${name}`));

    allow(
      role,
      [
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
      ],
      [arn('athena', `workgroup/${props.workGroup}`)],
    );
    allow(role, ['athena:GetDataCatalog'], [arn('athena', 'datacatalog/AwsDataCatalog')]);
    allow(
      role,
      [
        'glue:GetDatabase',
        'glue:GetTable',
        'glue:GetTables',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:BatchGetPartition',
      ],
      [...containers, ...tables(['*'])],
    );
    allow(
      role,
      ['glue:CreatePartition', 'glue:UpdatePartition'],
      [...containers, ...tables(lakeTables.map(({ name }) => parquetTable(name)))],
    );
    allow(
      role,
      ['glue:CreateTable', 'glue:UpdateTable'],
      [...containers, ...tables(lakeTables.map(({ name }) => wholeTable(name)))],
    );
    allow(role, ['s3:GetBucketLocation', 's3:ListBucket'], [lake.bucketArn, results.bucketArn]);
    allow(role, ['s3:GetObject'], [lake.arnForObjects('*'), results.arnForObjects('*')]);
    allow(
      role,
      ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      [
        ...lakeTables.map(({ name }) => lake.arnForObjects(`${parquetTable(name)}/*`)),
        results.arnForObjects('*'),
      ],
    );
    allow(role, ['ssm:GetParameter', 'ssm:PutParameter'], [boundary.parameterArn]);
    allow(role, ['cloudwatch:PutMetricData'], ['*'], {
      StringEquals: { 'cloudwatch:namespace': [METRIC_NAMESPACE] },
    });
  }

  #schedule(): void {
    const group = new CfnScheduleGroup(this, 'Group');
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': group.attrArn },
        },
      }),
    });
    allow(role, ['states:StartExecution'], [this.machine.stateMachineArn]);
    new CfnSchedule(this, 'EveryNight', {
      description: 'Compaction of the lake',
      groupName: group.ref,
      scheduleExpression: EVERY_NIGHT,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 15 },
      target: {
        arn: this.machine.stateMachineArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
      },
    });
  }

  #alarms(actions: readonly IAlarmAction[]): void {
    const period = Duration.days(1);
    const alarms = [
      new Alarm(this, 'Failed', {
        alarmDescription:
          'The compaction failed. Queries still return correct results, but are slow for the missing days. See docs/runbook.md#compaction',
        metric: new MathExpression({
          expression: 'FILL(failed, 0) + FILL(late, 0)',
          usingMetrics: {
            failed: this.machine.metricFailed({ statistic: 'Sum' }),
            late: this.machine.metricTimedOut({ statistic: 'Sum' }),
          },
          period,
        }),
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
      new Alarm(this, 'Duplicates', {
        alarmDescription:
          'The lake has duplicate rows. SELECT * FROM duplicate_rows shows them. See docs/runbook.md#duplicates',
        metric: new Metric({
          namespace: METRIC_NAMESPACE,
          metricName: DUPLICATES_METRIC,
          period,
          statistic: 'Maximum',
        }),
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
    ];
    for (const alarm of alarms) alarm.addAlarmAction(...actions);
  }
}
