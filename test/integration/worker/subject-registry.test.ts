import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CURSOR_TABLE, type LocalAws, startLocalAws } from '../../../cli/local-aws.ts';
import { DynamoDbLimitError } from '../../../shared/cursors/dynamodb-limits.ts';
import { subjectOf } from '../../../shared/ids.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import { T } from '../../support/times.ts';

const ID = '5efda6aea3f2ed2e7dd6ce00';
const subject = subjectOf('project', ID);
if (!subject) throw new Error('not a project id');
const absence = { since: T, ticks: 2, sentAt: T };

let aws: LocalAws;
beforeEach(async () => {
  aws = await startLocalAws(await makeTemporaryFolder());
});
afterEach(() => aws.close());

async function stored(): Promise<unknown> {
  const Key = { pk: { S: 'units#alerts' }, sk: { S: `project#${ID}` } };
  const { Item } = await aws.dynamodb.send(new GetItemCommand({ TableName: CURSOR_TABLE, Key }));
  return Item && unmarshall(Item);
}

test('an item without the name of a credential has the form of earlier versions', async () => {
  const known = { subject, credential: null, absence };
  await aws.subjects.add('alerts', [known]);
  const item = { pk: 'units#alerts', sk: `project#${ID}`, version: 1, unit: 'project', id: ID, absence };
  expect(await stored()).toEqual(item);
  expect(await aws.subjects.read('alerts')).toEqual([known]);
});

test('an item with a name has a version that earlier versions refuse', async () => {
  await aws.subjects.add('alerts', [{ subject, credential: null, absence: null }]);
  const known = { subject, credential: 'globex', absence };
  await aws.subjects.update('alerts', [known]);
  expect(await stored()).toMatchObject({ version: 2, credential: 'globex' });
  expect(await aws.subjects.read('alerts')).toEqual([known]);
});

test('an item of a later version is refused by its version, whatever its form', async () => {
  const Item = marshall({ pk: 'units#alerts', sk: `project#${ID}`, version: 3, kinds: { project: [ID] } });
  await aws.dynamodb.send(new PutItemCommand({ TableName: CURSOR_TABLE, Item }));
  await expect(aws.subjects.read('alerts')).rejects.toThrow(
    'the subject registry of alerts was written by a later version of Atlas Lake (format 3; this version supports 2)',
  );
});

test('an item that DynamoDB would reject is not sent', async () => {
  const send = vi.spyOn(aws.dynamodb, 'send');
  const known = { subject, credential: 'glo\ud800bex', absence };
  await expect(aws.subjects.add('alerts', [known])).rejects.toThrow(DynamoDbLimitError);
  expect(send).not.toHaveBeenCalled();
});
