import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Call, Caller, Scheduler } from '../scheduler.ts';
import { operationOf, type SimulatedDynamoDb } from './dynamodb.ts';
import { keyOf, type SimulatedS3 } from './s3.ts';
import type { SimulatedSqs } from './sqs.ts';
import type { SdkRequest, SdkResponse } from './wire.ts';

export interface SimulatedAws {
  dynamodb: SimulatedDynamoDb;
  s3: SimulatedS3;
  sqs: SimulatedSqs;
}

/** The SDK's default number of attempts, including the first. */
const ATTEMPTS = 3;

/** The errors that the SDK retries. It returns all others to the caller. */
const WORTH_ANOTHER_TRY = new Set(['THROTTLING', 'TRANSIENT', 'SERVER_ERROR']);

interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/** The SDK's standard retries without delays, because these take real time. */
const RETRY_AT_ONCE = {
  acquireInitialRetryToken: async () => retryToken(0),
  async refreshRetryTokenForRetry(token: RetryToken, { errorType }: { errorType: string }) {
    const retries = token.getRetryCount() + 1;
    if (retries >= ATTEMPTS || !WORTH_ANOTHER_TRY.has(errorType)) throw new Error('no more attempts');
    return retryToken(retries);
  },
  recordSuccess: () => {},
};

function retryToken(retries: number): RetryToken {
  return { getRetryCount: () => retries, getRetryDelay: () => 0 };
}

/** Creates the SDK's own clients. The simulation answers their requests. */
export function awsClients(caller: Caller, scheduler: Scheduler, aws: SimulatedAws) {
  const common = (service: 'dynamodb' | 's3' | 'sqs') => ({
    region: 'us-east-1',
    endpoint: `http://${service}.simulation`,
    credentials: { accessKeyId: 'simulation', secretAccessKey: 'simulation' },
    retryStrategy: RETRY_AT_ONCE,
    requestHandler: {
      async handle(request: SdkRequest): Promise<{ response: SdkResponse }> {
        return { response: await scheduler.call(callOf(caller, service, request, aws[service])) };
      },
      metadata: { handlerProtocol: 'http/1.1' },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    },
  });
  return {
    dynamodb: new DynamoDBClient(common('dynamodb')),
    s3: new S3Client({ ...common('s3'), forcePathStyle: true }),
    sqs: new SQSClient(common('sqs')),
  };
}

function callOf(
  caller: Caller,
  service: 'dynamodb' | 's3' | 'sqs',
  request: SdkRequest,
  standIn: SimulatedAws[typeof service],
): Call<SdkResponse> {
  // The SDK changes the headers of a request that it retries. The copy keeps those of the request on its way.
  const sent = { ...request, method: request.method, path: request.path, headers: { ...request.headers } };
  const label = service === 's3' ? `${sent.method} ${keyOf(sent)}` : `${service} ${operationOf(sent)}`;
  return {
    caller,
    service,
    label,
    isWrite: sent.method !== 'HEAD' && sent.method !== 'GET' && !/GetItem|Query/.test(label),
    apply: () => standIn.handle(sent),
    refuse: (fault) => standIn.refuse(sent, fault),
    corrupt: () => standIn.refuse(sent, 'failed'),
  };
}
