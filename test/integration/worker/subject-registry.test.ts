import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CURSOR_TABLE, type LocalAws, startLocalAws } from '../../../cli/local-aws.ts';
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
