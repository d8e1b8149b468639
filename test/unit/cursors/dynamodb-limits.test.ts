import { expect, test } from 'vitest';
import {
  DynamoDbLimitError,
  itemOf,
  putWithinLimits,
  transactionWithinLimits,
} from '../../../shared/cursors/dynamodb-limits.ts';
import type { Item } from '../../faults/simulation/aws/dynamodb.ts';
import { rejectedTransaction } from '../../faults/simulation/aws/dynamodb-rules.ts';
import { WRITE_CASES } from '../../support/dynamodb-cases.ts';

const keys = { pk: { S: 'inventory#p' }, sk: { S: 'cursor#one' } };

function errorOf(write: () => unknown): DynamoDbLimitError {
  try {
    write();
  } catch (error) {
    if (error instanceof DynamoDbLimitError) return error;
    throw error;
  }
  throw new Error('the write is within the limits');
}

test.each(WRITE_CASES)('$name: the check decides like DynamoDB', ({ writes, rejected }) => {
  if (!rejected) expect(transactionWithinLimits(writes)).toBe(writes);
  else expect(errorOf(() => transactionWithinLimits(writes)).message).toMatch(rejected);
});

test.each(WRITE_CASES.filter(({ set }) => !set))(
  '$name: the simulated DynamoDB decides like DynamoDB',
  ({ writes, rejected }) => {
    // The items in their serialized form.
    const items: Item[] = JSON.parse(
      JSON.stringify(writes.map(({ Put, Delete }) => Put?.Item ?? Delete?.Key)),
    );
    const reason = rejectedTransaction(items);
    if (!rejected) expect(reason).toBeUndefined();
    else expect(reason).toMatch(rejected);
  },
);

test('a write beyond a limit names the item, the path and the limit', () => {
  const error = errorOf(() =>
    putWithinLimits({ Item: itemOf(keys, { content: { states: [{ name: 'a' }, { byName: { '': 1 } }] } }) }),
  );
  expect(error).toMatchObject({
    name: 'DynamoDbLimitError',
    item: 'inventory#p cursor#one',
    path: 'content.states[1].byName',
    limit: 'empty attribute name',
  });
  expect(error.message).toBe(
    'DynamoDB rejects item inventory#p cursor#one at content.states[1].byName: empty attribute name',
  );
});

test.each([
  ['NaN', Number.NaN],
  ['an infinite number', Number.NEGATIVE_INFINITY],
  ['an integer that loses digits', 2 ** 53],
])('a document with %s names the item and the path', (_, value) => {
  const error = errorOf(() => itemOf(keys, { content: { amounts: { july: [1, value] } } }));
  expect(error).toMatchObject({ item: 'inventory#p cursor#one', path: 'content.amounts.july[1]' });
});

test('a message repeats only the beginning of a long name', () => {
  const long = 'n'.repeat(65_000);
  const error = errorOf(() => putWithinLimits({ Item: itemOf(keys, { content: { [long]: { '': 1 } } }) }));
  expect(error.message.length).toBeLessThan(400);
});
