import { randomUUID } from 'node:crypto';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { PublicationLock } from '../../shared/cursors/publication-lock.ts';
import { SECOND } from '../../shared/durations.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { CommitLog } from '../../shared/lake/commit-log.ts';
import { PublicationBucket } from '../../shared/lake/publication-bucket.ts';
import { PUBLICATION_METRICS, type PublicationMetric } from '../../shared/publication/metrics.ts';
import { PositionStore } from '../../shared/publication/positions.ts';
import { SliceStore } from '../../shared/publication/slice-store.ts';
import { UnrecordedObjects } from '../../shared/publication/unrecorded-objects.ts';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import { structuredLog } from '../../shared/worker/structured-log.ts';
import { declarations } from '../declarations.ts';
import { readPublishEnvironment } from './environment.ts';
import { GlueCatalog } from './glue-catalog.ts';
import { publishHandler } from './handler.ts';
import { Publisher } from './publisher.ts';

let shared: Publisher | undefined;

export const handler = publishHandler(() => {
  shared ??= create();
  return shared;
});

function create(): Publisher {
  const { bucket, cursorTable, database, slicesDatabase, metricNamespace, expireAfterDays } =
    readPublishEnvironment(process.env);
  const log = structuredLog('publish');
  const metrics = new Metrics({ namespace: metricNamespace });
  metrics.clearDefaultDimensions();
  const add = (name: PublicationMetric, value: number) =>
    metrics.addMetric(name, MetricUnit[PUBLICATION_METRICS[name].unit], value);
  const dynamodb = new DynamoDBClient(AWS_CLIENT_DEFAULTS);
  const objects = new PublicationBucket(new S3Client(AWS_CLIENT_DEFAULTS), bucket);
  return new Publisher({
    tables: lakeTables(declarations),
    names: { database, slices: slicesDatabase, bucket },
    expireAfterDays,
    objects,
    log: new CommitLog(objects),
    slices: new SliceStore(objects, bucket),
    positions: new PositionStore(objects),
    unrecorded: new UnrecordedObjects(objects, new CursorStore(dynamodb, cursorTable)),
    lock: new PublicationLock(dynamodb, cursorTable),
    catalog: new GlueCatalog(new GlueClient(AWS_CLIENT_DEFAULTS), database, bucket),
    now: () => Date.now(),
    newId: () => randomUUID().replaceAll('-', ''),
    onProgress({ waiting, behind }) {
      log.info('prepared a round', { waiting, behindSeconds: Math.round(behind / SECOND) });
      add('PublicationWaiting', waiting);
      add('PublicationBehind', behind / SECOND);
      metrics.publishStoredMetrics();
    },
    onBusy() {
      log.warn('another execution or an erasure has the lock');
      add('PublicationBusy', 1);
      metrics.publishStoredMetrics();
    },
    onExpired(table, keys) {
      log.warn('S3 deleted objects before they were published', {
        table,
        count: keys.length,
        first: keys[0],
      });
      add('PublicationExpired', keys.length);
      metrics.publishStoredMetrics();
    },
    onRestart(table) {
      log.warn('publishes a table again, because its Iceberg table was dropped', { table });
      add('PublicationRestarts', 1);
      metrics.publishStoredMetrics();
    },
    onFailure(what, error) {
      log.error('could not publish', { what, error });
      add('PublicationFailures', 1);
      metrics.publishStoredMetrics();
    },
  });
}
