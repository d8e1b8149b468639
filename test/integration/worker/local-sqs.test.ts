import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocalSqs } from '../../support/local-sqs.ts';
import { AWS } from '../local-aws/support.ts';

async function startSqs() {
  const server = await startLocalSqs();
  onTestFinished(() => server.close());
  const client = new SQSClient({ ...AWS, endpoint: server.endpoint, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return { client, endpoint: server.endpoint };
}

async function createQueue(client: SQSClient, name: string, attributes: Record<string, string> = {}) {
  const { QueueUrl: url = '' } = await client.send(
    new CreateQueueCommand({ QueueName: `${name}.fifo`, Attributes: { FifoQueue: 'true', ...attributes } }),
  );
  return {
    url,
    send: (group: string, body: string, id = body) =>
      client.send(
        new SendMessageCommand({
          QueueUrl: url,
          MessageBody: body,
          MessageGroupId: group,
          MessageDeduplicationId: id,
        }),
      ),
    receive: async (options: { visibility?: number; wait?: number; most?: number } = {}) => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: options.most ?? 10,
          VisibilityTimeout: options.visibility ?? 600,
          WaitTimeSeconds: options.wait ?? 0,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return Messages.map(({ Body: body = '', ReceiptHandle: handle = '', Attributes: attributes = {} }) => ({
        body,
        handle,
        attributes,
      }));
    },
    remove: (handle: string) =>
      client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle })),
    setVisibility: (handle: string, seconds: number) =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: handle,
          VisibilityTimeout: seconds,
        }),
      ),
    counts: async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return [
        Number(Attributes?.['ApproximateNumberOfMessages']),
        Number(Attributes?.['ApproximateNumberOfMessagesNotVisible']),
      ];
    },
  };
}

test('queues have a loopback address, which the SDK uses without a warning', async () => {
  const { client, endpoint } = await startSqs();
  const { url } = await createQueue(client, 'work');
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  expect(url).toBe(`${endpoint}/000000000000/work.fifo`);
  expect((await client.send(new GetQueueUrlCommand({ QueueName: 'work.fifo' }))).QueueUrl).toBe(url);
  expect((await client.send(new ListQueuesCommand({}))).QueueUrls).toEqual([url]);

  // With the environment alone, the SDK sends to the host of the queue's URL, and warns if it differs.
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', endpoint);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const warn = vi.spyOn(console, 'warn');
  const other = new SQSClient(AWS);
  onTestFinished(() => other.destroy());
  await (await createQueue(other, 'work')).send('group', 'hello');
  expect((await (await createQueue(other, 'work')).receive()).map(({ body }) => body)).toEqual(['hello']);
  expect(warn).not.toHaveBeenCalled();
});

test('one message of a group is in flight at a time, in order; groups do not wait for each other', async () => {
  const { client } = await startSqs();
  const queue = await createQueue(client, 'work');
  for (const body of ['a1', 'b1', 'a2', 'b2', 'a3']) await queue.send(body.slice(0, 1), body);
  const first = await queue.receive();
  expect(first.map(({ body }) => body)).toEqual(['a1', 'b1']);
  expect(await queue.receive()).toEqual([]);
  expect(await queue.counts()).toEqual([3, 2]);
  for (const { handle } of first) await queue.remove(handle);
  const second = await queue.receive();
  expect(second.map(({ body }) => body)).toEqual(['a2', 'b2']);
  expect(second[0]?.attributes).toMatchObject({
    MessageGroupId: 'a',
    MessageDeduplicationId: 'a2',
    ApproximateReceiveCount: '1',
  });
  for (const { handle } of second) await queue.remove(handle);
  expect((await queue.receive()).map(({ body }) => body)).toEqual(['a3']);
});

test('a repeated de-duplication id creates one message, even after its deletion', async () => {
  const { client } = await startSqs();
  const queue = await createQueue(client, 'work');
  const first = await queue.send('group', 'one', 'id');
  const second = await queue.send('group', 'other', 'id');
  expect(second.MessageId).toBe(first.MessageId);
  const [message] = await queue.receive();
  expect(message?.body).toBe('one');
  await queue.remove(message?.handle ?? '');
  await queue.send('group', 'one', 'id');
  expect(await queue.receive()).toEqual([]);
  expect(await queue.counts()).toEqual([0, 0]);
});

test('a message returns to a waiting receiver when its visibility timeout ends', async () => {
  const { client } = await startSqs();
  const queue = await createQueue(client, 'work');
  await queue.send('group', 'one');
  const [first] = await queue.receive({ visibility: 1 });
  expect(await queue.receive()).toEqual([]);
  const start = performance.now();
  const [again] = await queue.receive({ wait: 5 });
  expect(performance.now() - start).toBeLessThan(3_000);
  expect(again?.body).toBe('one');
  expect(again?.handle).not.toBe(first?.handle);
  expect(again?.attributes['ApproximateReceiveCount']).toBe('2');

  await queue.setVisibility(again?.handle ?? '', 0);
  const [third] = await queue.receive();
  expect(third?.attributes['ApproximateReceiveCount']).toBe('3');
  await expect(queue.setVisibility(again?.handle ?? '', 30)).rejects.toThrow();
  await queue.setVisibility(third?.handle ?? '', 30);
  expect(await queue.counts()).toEqual([0, 1]);
});

test('a message received three times moves to the dead-letter queue', async () => {
  const { client } = await startSqs();
  const deadLetters = await createQueue(client, 'dead');
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetters.url, AttributeNames: ['QueueArn'] }),
  );
  const policy = { deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: 3 };
  const queue = await createQueue(client, 'work', { RedrivePolicy: JSON.stringify(policy) });
  await queue.send('group', 'poison');
  await queue.send('group', 'next');
  for (let time = 1; time <= 3; time += 1) {
    const [message] = await queue.receive();
    expect(message?.body).toBe('poison');
    expect(await deadLetters.counts()).toEqual([0, 0]);
    await queue.setVisibility(message?.handle ?? '', 0);
  }
  expect((await queue.receive()).map(({ body }) => body)).toEqual(['next']);
  const [dead] = await deadLetters.receive();
  expect(dead?.body).toBe('poison');
  expect(dead?.attributes['MessageGroupId']).toBe('group');
});

test('closing the server ends waiting requests', async () => {
  const server = await startLocalSqs();
  const client = new SQSClient({ ...AWS, endpoint: server.endpoint, maxAttempts: 1 });
  const queue = await createQueue(client, 'work');
  const waiting = queue.receive({ wait: 20 }).catch(() => []);
  const start = performance.now();
  await server.close();
  expect(await waiting).toEqual([]);
  expect(performance.now() - start).toBeLessThan(5_000);
  client.destroy();
});
