import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { HEAP_MEGABYTES } from '../../infra/collector/heap-limits.ts';
import { cronExpression } from '../../infra/collector/tick-schedules.ts';
import { dispatchOf, partsOf } from './collector-parts.ts';
import { ALL_ENABLED, environmentOf, resolve, synthesize } from './templates.ts';

const { store, collector } = synthesize(ALL_ENABLED);

const queueShape = z.object({
  VisibilityTimeout: z.number(),
  MessageRetentionPeriod: z.number(),
  RedrivePolicy: z.object({ maxReceiveCount: z.number() }),
});

describe.each(datasets)('$name', ({ name, everyMinutes, offsetMinutes }) => {
  const parts = partsOf(collector, name);

  test("has a FIFO queue with AWS's recommended visibility timeout, and keeps messages until the next tick", () => {
    const timeout = z.number().parse(parts.function.Properties['Timeout']);
    expect(timeout).toBe(300);
    expect(parts.queue.Properties).toMatchObject({
      FifoQueue: true,
      VisibilityTimeout: 6 * timeout,
      MessageRetentionPeriod: Math.max(6 * 3600, everyMinutes * 60),
      SqsManagedSseEnabled: true,
    });
  });

  test('makes no dead letters of messages that Lambda throttles until they expire', () => {
    const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = queueShape.parse(
      parts.queue.Properties,
    );
    // Each throttled delivery hides the message for the visibility timeout.
    expect(RedrivePolicy.maxReceiveCount * VisibilityTimeout).toBeGreaterThanOrEqual(MessageRetentionPeriod);
    expect(RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(5);
  });

  test("has the dataset's heap limit, or Node's default", () => {
    const megabytes = HEAP_MEGABYTES[name];
    const environment = environmentOf(parts.function);
    const options = environment['NODE_OPTIONS']?.split(' ') ?? [];
    const limits = options.filter((option) => option.startsWith('--max-old-space-size='));
    expect(limits).toEqual(megabytes === undefined ? [] : [`--max-old-space-size=${megabytes}`]);
    expect(options).toContain('--enable-source-maps');
    expect(environment['MALLOC_ARENA_MAX']).toBe('1');
  });

  test('has a FIFO dead-letter queue of its own', () => {
    expect(parts.deadLetters.id).not.toBe(parts.queue.id);
    expect(parts.deadLetters.Properties).toMatchObject({
      FifoQueue: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    });
  });

  test('has a function that receives one message at a time and may send to its own queue', () => {
    expect(parts.source.Properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(parts.function.Properties['RecursiveLoop']).toBe('Allow');
  });

  test('has a schedule that passes its tick to dispatch and retries for at most five minutes', () => {
    const schedules = collector
      .ofType('AWS::Scheduler::Schedule')
      .filter(({ Properties }) => JSON.stringify(Properties['Target']).includes(`\\"${name}\\"`));
    expect(schedules).toHaveLength(1);
    expect(schedules[0]?.Properties).toMatchObject({
      GroupName: { Ref: collector.ofType('AWS::Scheduler::ScheduleGroup')[0]?.id },
      ScheduleExpression: cronExpression(name, everyMinutes, offsetMinutes),
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [dispatchOf(collector).id, 'Arn'] },
        Input: JSON.stringify({ dataset: name, tick: '<aws.scheduler.scheduled-time>', everyMinutes }),
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 300 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.any(String), 'Arn'] } },
      },
    });
  });
});

describe('dispatch', () => {
  const dispatch = dispatchOf(collector);

  test('has time for ten thousand projects, and ends before the next tick', () => {
    expect(dispatch.Properties['Timeout']).toBe(180);
  });

  test('is retried at most twice, and waits for a free execution as long as Lambda permits', () => {
    const [limits, ...others] = collector.ofType('AWS::Lambda::EventInvokeConfig');
    expect(others).toEqual([]);
    expect(limits?.Properties).toMatchObject({
      FunctionName: { Ref: dispatch.id },
      MaximumEventAgeInSeconds: 6 * 60 * 60,
      MaximumRetryAttempts: 2,
    });
  });

  test('shares its dead-letter queue with the schedules, and the queue is not FIFO', () => {
    const { TargetArn } = z.object({ TargetArn: z.unknown() }).parse(dispatch.Properties['DeadLetterConfig']);
    const queue = collector.withId(resolve(TargetArn).replace('arn-of-', ''));
    expect(queue.Properties).not.toHaveProperty('FifoQueue');
    for (const { Properties } of collector.ofType('AWS::Scheduler::Schedule')) {
      expect(Properties['Target']).toMatchObject({ DeadLetterConfig: { Arn: TargetArn } });
    }
  });
});

test.each(collector.ofType('AWS::Lambda::Function'))(
  '$id has the tested runtime, architecture and log format',
  (resource) => {
    expect(resource.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogFormat: 'JSON' },
    });
    const { LogGroup } = z
      .object({ LogGroup: z.object({ Ref: z.string() }) })
      .parse(resource.Properties['LoggingConfig']);
    expect(collector.withId(LogGroup.Ref).Properties).toMatchObject({ RetentionInDays: 30 });
  },
);

test.each(collector.ofType('AWS::SQS::Queue'))('$id denies requests without TLS', ({ id }) => {
  const policies = collector
    .ofType('AWS::SQS::QueuePolicy')
    .filter(({ Properties }) => JSON.stringify(Properties['Queues']) === JSON.stringify([{ Ref: id }]));
  expect(JSON.stringify(policies)).toContain('{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
});

/** Properties with fixed names. They would make a second deployment, or a replacement of the resource, fail. */
const NAME_PROPERTIES = [
  'BucketName',
  'TableName',
  'QueueName',
  'FunctionName',
  'LogGroupName',
  'RoleName',
  'Name',
];

/** CloudFormation requires a name for a workgroup, so it is derived from the stack's name. */
const unnamed = [...store.resources, ...collector.resources].filter(
  ({ Type }) => Type !== 'AWS::Athena::WorkGroup',
);

test.each(unnamed)('$id has no fixed name', ({ Properties }) => {
  for (const property of NAME_PROPERTIES) expect(typeof Properties[property]).not.toBe('string');
});

test('heap limits name datasets only', () => {
  const names = datasets.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(HEAP_MEGABYTES)));
});

describe('cron expressions', () => {
  test.each([
    [5, 0, 'cron(0/5 * * * ? *)'],
    [10, 2, 'cron(2/10 * * * ? *)'],
    [20, 7, 'cron(7/20 * * * ? *)'],
    [5, 7, 'cron(2/5 * * * ? *)'],
    [60, 21, 'cron(21 * * * ? *)'],
    [120, 21, 'cron(21 0/2 * * ? *)'],
    [1440, 38, 'cron(38 0 * * ? *)'],
  ])('every %i minutes, %i later, give %s', (minutes, offset, expected) =>
    expect(cronExpression('alerts', minutes, offset)).toBe(expected),
  );

  test('let at most three datasets be due in the same minute', () => {
    const due = (minute: number) =>
      datasets.filter(({ everyMinutes, offsetMinutes = 0 }) => (minute - offsetMinutes) % everyMinutes === 0);
    const minutes = Array.from({ length: 24 * 60 }, (_, minute) => due(minute).length);
    expect(Math.max(...minutes)).toBeLessThanOrEqual(3);
  });

  test.each([0, -5, 7, 2.5, 45, 300, 2880])(
    'refuse %d minutes, which divide neither an hour nor a day',
    (minutes) => {
      expect(() => cronExpression('alerts', minutes)).toThrow(
        'alerts: everyMinutes must divide an hour or a day',
      );
    },
  );
});
