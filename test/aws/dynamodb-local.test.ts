import {
  type AttributeValue,
  DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { DYNAMODB_LIMITS, transactionWithinLimits } from '../../shared/cursors/dynamodb-limits.ts';
import { CASES_TABLE, createCasesTable, WRITE_CASES } from '../support/dynamodb-cases.ts';
import { EXTERNAL_AWS, EXTERNAL_CREDENTIALS } from '../support/external-aws.ts';

if (!EXTERNAL_AWS) throw new Error('These tests need DynamoDB Local: npm run test:aws');
const { dynamodb } = EXTERNAL_AWS;

/** Compares DynamoDB Local's decisions with those of the collector's check. */
describe('DynamoDB Local', () => {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: dynamodb,
    credentials: EXTERNAL_CREDENTIALS,
    maxAttempts: 1,
  });

  beforeAll(() => createCasesTable(client));

  test.each(WRITE_CASES)('decides on $name like the check', async ({ writes, rejected, acceptedByLocal }) => {
    const answer = await client
      .send(new TransactWriteItemsCommand({ TransactItems: writes }))
      .catch(reasonOf);
    if (!rejected || acceptedByLocal) expect(answer).not.toBeTypeOf('string');
    else expect(answer).toMatch(rejected);
  });

  /** Returns why DynamoDB Local rejects a transaction. It gives some reasons per item. */
  function reasonOf(error: unknown): string {
    if (error instanceof TransactionCanceledException) {
      return (error.CancellationReasons ?? []).map(({ Message }) => Message).join();
    }
    if (error instanceof Error && error.name === 'ValidationException') return error.message;
    throw error;
  }

  /** Returns whether an item with this many bytes of padding is accepted. */
  const write = (item: Record<string, AttributeValue>, padding: number) => [
    { Put: { TableName: CASES_TABLE, Item: { ...item, padding: { S: 'x'.repeat(padding) } } } },
  ];
  const isAccepted = async (check: () => unknown) => {
    try {
      await check();
      return true;
    } catch {
      return false;
    }
  };

  test('counts exactly the bytes of any item that the check counts', async () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((S): AttributeValue => ({ S })),
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e125, max: 1e125 })
        .filter(isHeld)
        .map((n): AttributeValue => ({ N: String(n) })),
      fc.integer().map((n): AttributeValue => ({ N: String(n) })),
      fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
      fc.constant<AttributeValue>({ NULL: true }),
      fc.uint8Array().map((B): AttributeValue => ({ B })),
    );
    const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');
    const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('value')).map((L): AttributeValue => ({ L })),
        fc.dictionary(name, tie('value')).map((M): AttributeValue => ({ M })),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, async (content) => {
        const item = { pk: { S: 'p' }, sk: { S: 's' }, content };
        const largest = await largestPadding((padding) => transactionWithinLimits(write(item, padding)));
        const sends = (padding: number) =>
          isAccepted(() =>
            client.send(new TransactWriteItemsCommand({ TransactItems: write(item, padding) })),
          );
        expect([await sends(largest), await sends(largest + 1)]).toEqual([true, false]);
      }),
      { numRuns: 60, seed: 17 },
    );
  });

  /** DynamoDB stores no number closer to zero. */
  function isHeld(value: number): boolean {
    return value === 0 || Math.abs(value) >= 1e-130;
  }

  async function largestPadding(check: (padding: number) => unknown): Promise<number> {
    let [least, most] = [0, DYNAMODB_LIMITS.item as number];
    while (least < most) {
      const middle = Math.ceil((least + most) / 2);
      if (await isAccepted(() => check(middle))) least = middle;
      else most = middle - 1;
    }
    return least;
  }
});
