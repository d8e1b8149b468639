import { describe, expect, test } from 'vitest';
import { clockFrom } from '../../../cli/clocks.ts';
import { drain, type WorkQueue } from '../../../cli/event-source.ts';
import { LocalQueue } from '../../../cli/local-queue.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { isProjectId, type Subject } from '../../../shared/ids.ts';
import { parseRunMessage } from '../../../shared/worker/message.ts';
import { EXTERNAL_AWS } from '../../support/external-aws.ts';
import { SqsWorkQueue } from '../../support/sqs-work-queue.ts';
import { T } from '../../support/times.ts';
import { startQueue } from './support.ts';

/** The queue in memory must do what SQS does. */
const QUEUES: ReadonlyArray<[string, () => Promise<WorkQueue>]> = [
  ['memory', async () => new LocalQueue(clockFrom(0))],
  [
    'SQS',
    async () => {
      const { sqs, queueUrl } = await startQueue();
      return new SqsWorkQueue(sqs, queueUrl);
    },
  ],
];

function project(number: number): Subject {
  const id = number.toString(16).padStart(24, '0');
  if (!isProjectId(id)) throw new Error('not an id');
  return { kind: 'project', id };
}

const [a, b] = [project(1), project(2)];
const tick = { dataset: 'alerts', tick: T };

/** Receives a message, and returns it with its project and number of earlier runs. */
async function next(queue: WorkQueue, waitSeconds = 0) {
  const received = await queue.receive(waitSeconds);
  if (received === undefined) return undefined;
  const { subject, continuation } = parseRunMessage(received.body);
  return { handle: received.receiptHandle, what: `${subject.id.at(-1)}${continuation}` };
}

describe.each(QUEUES)('a queue in %s', (_name, create) => {
  test('delivers one message of a project at a time, in order, and projects do not wait for each other', async () => {
    const queue = await create();
    await queue.sendTick(tick, [
      { subject: a, credential: null },
      { subject: b, credential: null },
    ]);
    await queue.sendContinuation({ ...tick, subject: a, credential: null, continuation: 1 }, 7);
    const first = await next(queue);
    expect(first?.what).toBe('10');
    expect((await next(queue))?.what).toBe('20');
    expect(await next(queue)).toBeUndefined();
    expect(await queue.size()).toBe(3);
    await queue.remove(first?.handle ?? '');
    expect((await next(queue))?.what).toBe('11');
    expect(await next(queue)).toBeUndefined();
    expect(await queue.size()).toBe(2);
  });

  test('discards a repeated message, and not one of another tick or sequence', async () => {
    const queue = await create();
    await queue.sendTick(tick, [{ subject: a, credential: null }]);
    await queue.sendTick(tick, [{ subject: a, credential: null }]);
    await queue.sendContinuation({ ...tick, subject: b, credential: null, continuation: 1 }, 7);
    await queue.sendContinuation({ ...tick, subject: b, credential: null, continuation: 2 }, 7);
    expect(await queue.size()).toBe(2);
    await queue.sendTick({ ...tick, tick: T + MINUTE }, [{ subject: a, credential: null }]);
    await queue.sendContinuation({ ...tick, subject: b, credential: null, continuation: 1 }, 8);
    expect(await queue.size()).toBe(4);
  });

  // Unlike SQS, moto forgets the id of a message that is removed.
  test.skipIf(EXTERNAL_AWS !== null)('discards a repeated message after the first was removed', async () => {
    const queue = await create();
    await queue.sendTick(tick, [{ subject: a, credential: null }]);
    await queue.remove((await next(queue))?.handle ?? '');
    await queue.sendTick(tick, [{ subject: a, credential: null }]);
    expect(await queue.size()).toBe(0);
  });

  test('delivers a deferred message again when its time has come, and blocks its project until then', async () => {
    const queue = await create();
    await queue.sendTick(tick, [{ subject: a, credential: null }]);
    await queue.sendContinuation({ ...tick, subject: a, credential: null, continuation: 1 }, 7);
    const first = await next(queue);
    await queue.defer(first?.handle ?? '', 1);
    const start = performance.now();
    expect(await next(queue)).toBeUndefined();
    const again = await next(queue, 5);
    expect(again?.what).toBe('10');
    expect(performance.now() - start).toBeGreaterThan(900);
    expect(performance.now() - start).toBeLessThan(3_000);
    await queue.remove(again?.handle ?? '');
    expect((await next(queue))?.what).toBe('11');
  });

  test('is drained when every message is removed, also one that was deferred', async () => {
    const queue = await create();
    await queue.sendTick(tick, [
      { subject: a, credential: null },
      { subject: b, credential: null },
    ]);
    const handled: string[] = [];
    await drain({
      queue,
      crashed: () => false,
      async handler({ Records: [record] }) {
        const { subject } = parseRunMessage(record?.body ?? '');
        handled.push(subject.id);
        const isFirst = handled.filter((id) => id === a.id).length === 1 && subject.id === a.id;
        if (isFirst) await queue.defer(record?.receiptHandle ?? '', 1);
        return { batchItemFailures: isFirst ? [{ itemIdentifier: record?.messageId ?? '' }] : [] };
      },
    });
    expect(handled.sort()).toEqual([a.id, a.id, b.id]);
    expect(await queue.size()).toBe(0);
  });
});

test('a queue in memory forgets the id of a message after five minutes', async () => {
  let now = 0;
  const queue = new LocalQueue({ now: () => now, sleep: async () => {} });
  const send = () => queue.sendTick(tick, [{ subject: a, credential: null }]);
  await send();
  now = 5 * MINUTE - 1;
  await send();
  expect(await queue.size()).toBe(1);
  now = 5 * MINUTE;
  await send();
  expect(await queue.size()).toBe(2);
});

test('a queue in memory never delivers a message that is being processed, however long that takes', async () => {
  let now = 0;
  const queue = new LocalQueue({ now: () => now, sleep: async () => {} });
  await queue.sendTick(tick, [{ subject: a, credential: null }]);
  expect(await next(queue)).toBeDefined();
  now = 24 * 60 * MINUTE;
  expect(await next(queue)).toBeUndefined();
});
