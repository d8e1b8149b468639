import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type LocalAws, startLocalAws } from '../../../cli/local-aws.ts';
import { datasets } from '../../../functions/datasets.ts';
import { createAtlasClients, onlyCredential } from '../../../shared/atlas/clients.ts';
import { parseConfig } from '../../../shared/config.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import type { FinishedRun } from '../../../shared/engine/run-result.ts';
import { isProjectId, type Subject } from '../../../shared/ids.ts';
import { datasetHandler } from '../../../shared/worker/dataset-handler.ts';
import { formatRunMessage, type RunMessage } from '../../../shared/worker/message.ts';
import { SqsRunQueue } from '../../../shared/worker/sqs-run-queue.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { QUIET } from '../../support/quiet-log.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';
import { startQueue } from './support.ts';

const DATASET = 'disk_measurements';
const TIMEOUT = 5 * MINUTE;

/** Messages of four ticks have waited for an hour. */
const NOW = T + HOUR;

const organisation = createOrganisation({
  projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 3, disks: ['data'] }] }],
});
const [project] = organisation.projects;
if (!project || !isProjectId(project.id)) throw new Error('no project');
const subject: Subject = { kind: 'project', id: project.id };

let aws: LocalAws;
let simulator: Simulator;
let runs: FinishedRun[];
let redundant: number;
let crashes: unknown[];
let deliver: (message: Partial<RunMessage>) => Promise<'done' | 'again'>;

beforeEach(async () => {
  aws = await startLocalAws(await makeTemporaryFolder());
  simulator = await startSimulator({ organisation, now: NOW, rateLimits: false });
  const { clientId, clientSecret } = simulator.credentials;
  const clock = { now: () => simulator.clock.now(), sleep: async () => {} };
  const atlas = createAtlasClients({
    baseUrl: simulator.url,
    credentials: async () => onlyCredential({ kind: 'service-account', clientId, clientSecret }),
    clock,
    random: () => 0.5,
    reserve: 0.2,
    log: QUIET,
  });
  onTestFinished(async () => {
    await atlas.close();
    await simulator.close();
    await aws.close();
  });
  runs = [];
  redundant = 0;
  crashes = [];
  let ids = 0;
  const dataset = datasets.find(({ name }) => name === DATASET);
  if (!dataset) throw new Error(`no dataset ${DATASET}`);
  const { sqs, queueUrl } = await startQueue();
  const handler = datasetHandler(dataset, async () => ({
    config: parseConfig({}, datasets),
    atlas,
    cursors: aws.cursors,
    lake: aws.lake,
    redactionKey: async () => null,
    queue: () => new SqsRunQueue(sqs, queueUrl),
    clock,
    newId: () => `run-${++ids}`,
    log: QUIET,
    breakLease: false,
    skipRedundant: true,
    onRedundant: () => {
      redundant += 1;
    },
    onProgress: () => {},
    onFinished: (run) => runs.push(run),
    onCrashed: (_, error) => crashes.push(error),
  }));
  deliver = async (message) => {
    const { batchItemFailures } = await handler(
      {
        Records: [
          recordOf({ dataset: DATASET, subject, credential: null, tick: T, continuation: 0, ...message }),
        ],
      },
      { getRemainingTimeInMillis: () => TIMEOUT },
    );
    return batchItemFailures.length === 0 ? 'done' : 'again';
  };
});

function recordOf(message: RunMessage): SQSRecord {
  return {
    messageId: 'id',
    receiptHandle: 'handle',
    body: formatRunMessage(message),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q.fifo',
    awsRegion: 'us-east-1',
  };
}

const header = () => aws.cursors.readHeader({ dataset: DATASET, subject: subject.id });

test('one run answers all messages that wait, without requests to Atlas or changes of the table', async () => {
  expect(await deliver({ tick: T })).toBe('done');
  expect(runs).toMatchObject([{ outcome: 'complete' }]);
  const [before, requests] = [await header(), simulator.requests.list.length];
  for (const minutes of [20, 40, 60]) expect(await deliver({ tick: T + minutes * MINUTE })).toBe('done');
  expect(redundant).toBe(3);
  expect(runs).toHaveLength(1);
  expect(await header()).toEqual(before);
  expect(simulator.requests.list).toHaveLength(requests);
  simulator.clock.set(NOW + 20 * MINUTE);
  expect(await deliver({ tick: NOW + 20 * MINUTE })).toBe('done');
  expect(runs).toHaveLength(2);
});

test('a message runs after a run that could not read from Atlas', async () => {
  simulator.faults.add({ kind: 'status', status: 500 });
  expect(await deliver({ tick: T })).toBe('done');
  simulator.faults.clear();
  expect(await deliver({ tick: T + 20 * MINUTE })).toBe('done');
  expect(redundant).toBe(0);
  expect(runs.map(({ outcome }) => outcome)).toEqual(['failed', 'complete']);
});

test('a message runs after a run that died, and recovers what it left', async () => {
  expect(await deliver({ tick: T })).toBe('done');
  const dead = await header();
  if (!dead) throw new Error('no header');
  const { sequence } = dead;
  const pending = { batch: (dead.batch ?? 0) + 1, objects: [] };
  await aws.cursors.putHeader(
    { dataset: DATASET, subject: subject.id },
    { ...dead, sequence: sequence + 1, holder: 'dead', leaseUntil: NOW - SECOND, pending },
    sequence,
  );
  expect(await deliver({ tick: T + 20 * MINUTE })).toBe('done');
  expect(redundant).toBe(0);
  expect(runs).toHaveLength(2);
  expect(await header()).toMatchObject({ holder: null, pending: null });
});

test('the message of a run that crashed is hidden until the lease has expired, not for the visibility timeout', async () => {
  const sent = vi.spyOn(SQSClient.prototype, 'send');
  onTestFinished(() => sent.mockRestore());
  vi.spyOn(aws.lake, 'create').mockRejectedValue(new Error('S3 is down'));
  expect(await deliver({ tick: T })).toBe('again');
  expect(crashes).toHaveLength(1);
  const [command] = sent.mock.lastCall ?? [];
  expect(command).toBeInstanceOf(ChangeMessageVisibilityCommand);
  expect(command?.input).toMatchObject({ ReceiptHandle: 'handle', VisibilityTimeout: 360 });
});
