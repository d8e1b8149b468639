import { setTimeout } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAtlasClients } from '../atlas/clients.ts';
import type { Clock } from '../clock.ts';
import { proxyFrom } from '../https-proxy.ts';
import { AWS_CLIENT_DEFAULTS } from './aws-clients.ts';
import type { FunctionEnvironment } from './environment.ts';
import { MetricLog } from './metric-log.ts';
import type { Runtime } from './runtime.ts';
import { readRedactionKey, readSecret } from './secret.ts';
import { SqsRunQueue } from './sqs-run-queue.ts';
import { structuredLog } from './structured-log.ts';

/** The dependencies of every function in AWS. */
export interface AwsTools
  extends Pick<Runtime, 'config' | 'atlas' | 'queue' | 'clock' | 'log' | 'redactionKey'> {
  metrics: MetricLog;
}

export function awsTools(service: string, environment: FunctionEnvironment): AwsTools {
  const log = structuredLog(service);
  const secrets = new SecretsManagerClient(AWS_CLIENT_DEFAULTS);
  const sqs = new SQSClient(AWS_CLIENT_DEFAULTS);
  return {
    config: environment.config,
    atlas: createAtlasClients({
      baseUrl: environment.atlasBaseUrl,
      credentials: () => readSecret(secrets, environment.secretArn),
      clock: systemClock,
      random: Math.random,
      reserve: environment.config.rateReserve,
      log,
      proxy: proxyFrom(process.env),
    }),
    queue(dataset) {
      const url = environment.config.queues[dataset];
      if (!url) throw new Error(`COLLECTOR_CONFIG names no queue for ${dataset}`);
      return new SqsRunQueue(sqs, url);
    },
    redactionKey: () => readRedactionKey(secrets, environment.secretArn),
    clock: systemClock,
    log,
    metrics: new MetricLog(environment.metricNamespace),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await setTimeout(milliseconds, undefined, signal && { signal });
  },
};
