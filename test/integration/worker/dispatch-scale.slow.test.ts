import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { datasets } from '../../../functions/datasets.ts';
import { dispatchHandler } from '../../../functions/dispatch/dispatch.ts';
import { inOrderOfTick } from '../../../functions/dispatch/order.ts';
import { createAtlasClients, onlyCredential } from '../../../shared/atlas/clients.ts';
import { parseConfig } from '../../../shared/config.ts';
import { DAY, MINUTE } from '../../../shared/durations.ts';
import { DISPATCH_TIMEOUT_SECONDS } from '../../../shared/worker/limits.ts';
import { parseRunMessage } from '../../../shared/worker/message.ts';
import { SqsRunQueue } from '../../../shared/worker/sqs-run-queue.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { startSimulator } from '../../../simulator/server.ts';
import { QUIET } from '../../support/quiet-log.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';
import { startQueue } from './support.ts';

const PROJECTS = 10_000;
/** Ten thousand durable writes take long on a busy machine. */
const TIMEOUT = 15 * MINUTE;

const DATASET = 'disk_measurements';

test(
  'dispatch of ten thousand projects needs few requests, a few at a time, and starts each tick elsewhere',
  async () => {
    const organisation = createOrganisation({
      projects: Array.from({ length: PROJECTS }, (_, index) => ({ name: `p${index}`, clusters: [] })),
    });
    const simulator = await startSimulator({ organisation, now: T, rateLimits: false });
    onTestFinished(() => simulator.close());
    const aws = await startLocalAws(await makeTemporaryFolder());
    onTestFinished(() => aws.close());
    const { sqs, queueUrl } = await startQueue();
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
    onTestFinished(() => atlas.close());
    const sent: string[] = [];
    let [open, most, batches] = [0, 0, 0];
    sqs.middlewareStack.add(
      (next) => async (args) => {
        const { input } = args;
        if (!('Entries' in input)) return next(args);
        for (const entry of input.Entries ?? []) {
          if ('MessageBody' in entry) sent.push(parseRunMessage(entry.MessageBody ?? '').subject.id);
        }
        batches += 1;
        open += 1;
        most = Math.max(most, open);
        return next(args).finally(() => {
          open -= 1;
        });
      },
      { step: 'initialize' },
    );
    const dynamodb = vi.spyOn(DynamoDBClient.prototype, 'send');
    onTestFinished(() => dynamodb.mockRestore());
    const counted = (kind: typeof PutItemCommand | typeof QueryCommand) =>
      dynamodb.mock.calls.filter(([command]) => command instanceof kind).length;
    const onSent = vi.fn();
    const dispatch = dispatchHandler(datasets, async () => ({
      config: parseConfig({}, datasets),
      atlas,
      queue: () => new SqsRunQueue(sqs, queueUrl),
      clock,
      log: QUIET,
      subjects: aws.subjects,
      lake: aws.lake,
      onRefused: () => {},
      onUnlistable: () => {},
      onUnreadable: () => {},
      onUnlisted: () => {},
      onSent,
    }));
    const tick = async (at: number, everyMinutes?: number) => {
      simulator.clock.set(at);
      sent.length = 0;
      batches = 0;
      dynamodb.mockClear();
      const before = simulator.requests.list.length;
      await dispatch(
        { dataset: DATASET, tick: new Date(at).toISOString(), everyMinutes },
        { getRemainingTimeInMillis: () => DISPATCH_TIMEOUT_SECONDS * 1000 },
      );
      return simulator.requests.list.length - before;
    };

    // The last page is empty.
    const pages = PROJECTS / 500 + 1;
    // A token in addition.
    expect(await tick(T)).toBe(pages + 1);
    expect(counted(PutItemCommand)).toBe(PROJECTS);
    expect(batches).toBe(PROJECTS / 10);
    const [first] = sent;
    expect(new Set(sent).size).toBe(PROJECTS);
    expect(onSent).toHaveBeenLastCalledWith(DATASET, PROJECTS);

    expect(await tick(T + 20 * MINUTE)).toBeLessThanOrEqual(pages + 1);
    expect(counted(PutItemCommand)).toBe(0);
    expect(counted(QueryCommand)).toBeLessThan(10);
    expect(batches).toBe(PROJECTS / 10);
    expect(new Set(sent).size).toBe(PROJECTS);
    expect(sent[0]).not.toBe(first);
    expect(most).toBe(4);

    // Turns count the configured ticks.
    const ids = organisation.projects.map(({ id }) => id);
    await tick(T + DAY, DAY / MINUTE);
    expect(sent).toEqual(inOrderOfTick(ids, T + DAY, DAY / MINUTE));
    expect(sent).not.toEqual(inOrderOfTick(ids, T + DAY, 10));
  },
  TIMEOUT,
);
