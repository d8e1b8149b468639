import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import type { CollectorFunction } from '../collector/collector-function.ts';
import type { CollectorMetrics } from './metrics.ts';

/** One deployed dataset, as the dashboard shows it. */
export interface ShownDataset {
  dataset: DatasetDeclaration;
  collector: CollectorFunction;
  messages: IQueue;
}

export interface OverviewProps {
  datasets: readonly ShownDataset[];
  cursors: Table;
  lake: Bucket;
  metrics: CollectorMetrics;
}

const HOURLY = Duration.hours(1);
const DAILY = Duration.days(1);

/** CloudWatch's grid has 24 columns. */
const WIDTH = 24;
const PLOTS_IN_ROW = 3;

/**
 * Adds rows for each dataset (lag, messages, rows, requests, cost drivers), one for the publication and one for shared resources.
 */
export function addDashboard(
  scope: Construct,
  { datasets, cursors, lake, metrics }: OverviewProps,
): Dashboard {
  const dashboard = new Dashboard(scope, 'Dashboard', { defaultInterval: Duration.days(2) });
  for (const shown of datasets) dashboard.addWidgets(...datasetRow(shown, metrics));
  dashboard.addWidgets(...publicationRow(metrics));
  dashboard.addWidgets(heading('Shared by all datasets: cost drivers other than functions'));
  dashboard.addWidgets(
    plot('Cursor table: request units per hour', [
      cursors.metricConsumedReadCapacityUnits({ period: HOURLY, statistic: Stats.SUM, label: 'read' }),
      cursors.metricConsumedWriteCapacityUnits({ period: HOURLY, statistic: Stats.SUM, label: 'write' }),
    ]),
    plot('Lake: bytes stored', [storage(lake, 'BucketSizeBytes', 'StandardStorage')]),
    plot('Lake: objects', [storage(lake, 'NumberOfObjects', 'AllStorageTypes')]),
    plot(
      'Logs: bytes per hour',
      datasets.map(({ dataset, collector }) => logBytes(collector.log, dataset.name)),
    ),
  );
  return dashboard;
}

function datasetRow({ dataset, collector, messages }: ShownDataset, metrics: CollectorMetrics): IWidget[] {
  const lambda = collector.function;
  return [
    heading(`${dataset.name}: every ${dataset.everyMinutes} minutes`),
    plot('Highest lag of any project, s', [metrics.highest(dataset, 'Lag', HOURLY)]),
    plot('Age of the oldest message, s', [
      messages.metricApproximateAgeOfOldestMessage({
        period: HOURLY,
        statistic: Stats.MAXIMUM,
        label: 'highest',
      }),
    ]),
    plot('Messages of ticks per hour: sent, answered, and the share', [
      metrics.summed(dataset, 'Dispatched', HOURLY),
      metrics.summed(dataset, 'Served', HOURLY),
      metrics.served(dataset),
    ]),
    plot('Rows, gaps and failed targets per hour', [
      metrics.summed(dataset, 'Rows', HOURLY),
      metrics.summed(dataset, 'Gaps', HOURLY),
      metrics.summed(dataset, 'FailedTargets', HOURLY),
    ]),
    plot('Requests to Atlas per hour', [
      metrics.summed(dataset, 'Requests', HOURLY),
      metrics.summed(dataset, 'Throttled', HOURLY),
      metrics.summed(dataset, 'Refusals', HOURLY),
    ]),
    plot('Cost drivers per hour', [
      new MathExpression({
        expression: `duration / 1000 * ${collector.memoryMegabytes / 1024}`,
        usingMetrics: { duration: lambda.metricDuration({ period: HOURLY, statistic: Stats.SUM }) },
        period: HOURLY,
        label: 'GB-seconds',
      }),
      lambda.metricInvocations({ period: HOURLY, label: 'invocations' }),
      metrics.summed(dataset, 'Bytes', HOURLY).with({ label: 'bytes committed' }),
    ]),
  ];
}

function publicationRow(metrics: CollectorMetrics): IWidget[] {
  return [
    heading('Publication to Iceberg tables'),
    plot('Age of the oldest commit that is not published, s', [
      metrics.ofPublication('PublicationBehind', HOURLY),
    ]),
    plot('Slices that wait', [metrics.ofPublication('PublicationWaiting', HOURLY)]),
    plot(
      'Events',
      (['PublicationFailures', 'PublicationBusy', 'PublicationExpired', 'PublicationRestarts'] as const).map(
        (name) => metrics.ofPublication(name, HOURLY).with({ statistic: Stats.SUM }),
      ),
    ),
    plot('Rows that are duplicate or missing', [
      metrics.ofPublication('DuplicateRows', DAILY),
      metrics.ofPublication('MissingRows', DAILY),
    ]),
  ];
}

function heading(markdown: string): TextWidget {
  return new TextWidget({ markdown: `## ${markdown}`, width: WIDTH, height: 1 });
}

function plot(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: WIDTH / PLOTS_IN_ROW, height: 6 });
}

function storage(bucket: Bucket, metricName: string, type: string): Metric {
  return new Metric({
    namespace: 'AWS/S3',
    metricName,
    dimensionsMap: { BucketName: bucket.bucketName, StorageType: type },
    statistic: Stats.AVERAGE,
    period: DAILY,
  });
}

function logBytes(log: ILogGroup, label: string): Metric {
  return new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: log.logGroupName },
    statistic: Stats.SUM,
    period: HOURLY,
    label,
  });
}
