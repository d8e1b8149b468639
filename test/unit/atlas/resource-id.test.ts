import { expect, test } from 'vitest';
import { type ResourceId, resourceIdOf } from '../../../shared/atlas/resource-id.ts';

const user = { all: ['databaseName', 'username'] };
const entry = { first: ['cidrBlock', 'awsSecurityGroup', 'ipAddress'] };

test.each<[ResourceId, unknown, string | null]>([
  ['id', { id: 'a' }, 'a'],
  ['id', { id: '' }, null],
  ['id', { id: 7 }, null],
  ['id', null, null],
  [user, { databaseName: 'admin', username: 'app' }, 'admin/app'],
  [user, { databaseName: '$external', username: 'arn:aws:iam::1:role/a' }, '$external/arn:aws:iam::1:role/a'],
  [user, { databaseName: 'admin' }, null],
  [entry, { cidrBlock: '192.0.2.0/24', ipAddress: null }, '192.0.2.0/24'],
  [entry, { awsSecurityGroup: 'sg-1' }, 'sg-1'],
  [entry, { ipAddress: '192.0.2.1' }, '192.0.2.1'],
  [entry, { comment: 'none' }, null],
])('the id by %j in %j is %j', (id, document, expected) => {
  expect(resourceIdOf(document, id)).toBe(expected);
});
