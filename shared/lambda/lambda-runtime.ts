import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAtlasClient } from '../atlas/client.ts';
import type { Clock } from '../clock.ts';
import { CursorStore } from '../cursors/cursor-store.ts';
import { ObjectStore } from '../lake/object-store.ts';
import { AWS_CLIENT_DEFAULTS } from './aws-clients.ts';
import { readEnvironment } from './environment.ts';
import { METRIC_NAMESPACE, publishMetrics } from './metrics.ts';
import { RunQueue } from './run-queue.ts';
import type { Log, Runtime } from './runtime.ts';
import { readSecret } from './secret.ts';

let shared: Runtime | undefined;

/** What a function works with in AWS; made once, and kept while the container lives. */
export async function lambdaRuntime(service: string): Promise<Runtime> {
  shared ??= create(service);
  return shared;
}

function create(service: string): Runtime {
  const environment = readEnvironment(process.env);
  const log = structuredLog(new Logger({ serviceName: service }));
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: service });
  const secrets = new SecretsManagerClient(AWS_CLIENT_DEFAULTS);
  const sqs = new SQSClient(AWS_CLIENT_DEFAULTS);
  return {
    config: environment.config,
    atlas: createAtlasClient({
      baseUrl: environment.atlasBaseUrl,
      credentials: () => readSecret(secrets, environment.secretArn),
      clock: systemClock,
      random: Math.random,
      reserve: environment.config.rateReserve,
      log,
    }),
    cursors: new CursorStore(new DynamoDBClient(AWS_CLIENT_DEFAULTS), environment.cursorTable),
    lake: new ObjectStore(new S3Client(AWS_CLIENT_DEFAULTS), environment.bucket),
    queue(dataset) {
      const url = environment.config.queues[dataset];
      if (!url) throw new Error(`COLLECTOR_CONFIG names no queue for ${dataset}`);
      return new RunQueue(sqs, url);
    },
    clock: systemClock,
    newId: randomUUID,
    log,
    breakLease: false,
    onProgress: () => {},
    onFinished: (run) => publishMetrics(metrics, run),
    onCrashed: (dataset, error) => log.error('the run crashed', { dataset, error }),
  };
}

function structuredLog(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await setTimeout(milliseconds, undefined, signal && { signal });
  },
};
