import { expect, test } from 'vitest';
import { rejectedBatch, rejectedMessage, rejectedVisibility } from '../../faults/simulation/aws/sqs-rules.ts';

const message = { MessageBody: '{}', MessageGroupId: 'g', MessageDeduplicationId: 'a-1' };
const batch = (count: number, body = '{}') =>
  Array.from({ length: count }, (_, index) => ({ ...message, Id: `m${index}`, MessageBody: body }));

test.each([
  ['a message of 1 MiB', { ...message, MessageBody: 'x'.repeat(1024 * 1024) }, undefined],
  ['a longer message', { ...message, MessageBody: 'x'.repeat(1024 * 1024 + 1) }, 'InvalidParameterValue'],
  ['an empty message', { ...message, MessageBody: '' }, 'MissingParameter'],
  ['a control character', { ...message, MessageBody: 'a\u0001' }, 'InvalidMessageContents'],
  ['an id of 128 characters', { ...message, MessageDeduplicationId: 'x'.repeat(128) }, undefined],
  [
    'an id of 129 characters',
    { ...message, MessageDeduplicationId: 'x'.repeat(129) },
    'InvalidParameterValue',
  ],
  ['an id with a space', { ...message, MessageDeduplicationId: 'a b' }, 'InvalidParameterValue'],
  ['a group that is not ASCII', { ...message, MessageGroupId: 'é' }, 'InvalidParameterValue'],
])('SQS in the simulation decides on %s like SQS', (_, sent, code) => {
  expect(rejectedMessage(sent)?.code).toBe(code);
});

test.each([
  ['ten messages', batch(10), undefined],
  ['eleven messages', batch(11), 'TooManyEntriesInBatchRequest'],
  ['no message', [], 'EmptyBatchRequest'],
  ['an id twice', [...batch(1), ...batch(1)], 'BatchEntryIdsNotDistinct'],
  ['an id with a colon', [{ ...message, Id: 'a:b' }], 'InvalidBatchEntryId'],
  ['more than 1 MiB', batch(10, 'x'.repeat(110_000)), 'BatchRequestTooLong'],
])('SQS in the simulation decides on a batch of %s like SQS', (_, entries, code) => {
  expect(rejectedBatch(entries)?.code).toBe(code);
});

test.each([
  [0, false],
  [43_200, false],
  [43_201, true],
  [-1, true],
  [1.5, true],
])('SQS in the simulation rejects hiding a message for %d s: %s', (seconds, isRejected) => {
  expect(rejectedVisibility(seconds) !== undefined).toBe(isRejected);
});
