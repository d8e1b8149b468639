import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test, vi } from 'vitest';
import { CursorStore } from '../../../shared/cursors/cursor-store.ts';
import { DynamoDbLimitError } from '../../../shared/cursors/dynamodb-limits.ts';
import type { Header } from '../../../shared/cursors/header.ts';
import { isProjectId } from '../../../shared/ids.ts';

const project = '6a793f53c0eb9e7a177137c2';
if (!isProjectId(project)) throw new Error('not a project id');
const scope = { dataset: 'inventory', subject: project };

const header: Header = {
  sequence: 1,
  writtenBy: 'run',
  holder: 'run',
  leaseUntil: 0,
  stateVersion: 1,
  batch: 1,
  isBehind: false,
  pending: null,
  statistics: null,
};
const beyond: Header = { ...header, statistics: { totals: { '': 1 } } };

test.each<[string, (store: CursorStore) => Promise<void>]>([
  ['a header', (store) => store.putHeader(scope, beyond, 0)],
  ['the header of a commit', (store) => store.putTogether(scope, beyond, 0, [{ id: 'a', content: 1 }])],
  ['a cursor', (store) => store.putTogether(scope, header, 0, [{ id: 'a', content: { states: { '': 1 } } }])],
  [
    'a condition check',
    async (store) => store.check(scope, header, [{ id: 'a', content: { states: { '': 1 } } }]),
  ],
  [
    'the key of a cursor',
    (store) => store.putTogether(scope, header, 0, [{ id: 'x'.repeat(1024), content: null }]),
  ],
])('%s that DynamoDB would reject is not sent', async (_, write) => {
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const send = vi.spyOn(client, 'send').mockImplementation(() => undefined);
  await expect(write(new CursorStore(client, 'cursors'))).rejects.toThrow(DynamoDbLimitError);
  expect(send).not.toHaveBeenCalled();
});
