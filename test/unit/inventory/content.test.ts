import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../../functions/inventory/catalogue/catalogue.ts';
import { placeholderOf, readResource } from '../../../functions/inventory/content.ts';

const namedByPath = CATALOGUE.filter((type) => placeholderOf(type) !== undefined);
const placeholders = new Map([
  ['endpointId', 'vpce-1'],
  ['groupId', '6a793f53c0eb9e7a177137c2'],
]);

describe('a resource that its path identifies', () => {
  test('is of one of these types', () => {
    expect(namedByPath.map(({ name }) => name).sort()).toEqual([
      'auditing',
      'encryption_at_rest',
      'maintenance_window',
      'private_endpoint',
    ]);
  });

  test.each(namedByPath)('is not read from a response with something else: $name', (type) => {
    const page = { links: [], results: [{ id: '1' }], totalCount: 1 };
    expect(readResource(type, placeholders, page)).toHaveProperty('missing');
    expect(readResource(type, placeholders, {})).toHaveProperty('missing');
  });

  // The documents of each provider, by MongoDB's documentation.
  test.each([
    [{ connectionStatus: 'AVAILABLE', interfaceEndpointId: 'vpce-1', errorMessage: null }],
    [{ privateEndpointResourceId: '/subscriptions/1', privateEndpointIPAddress: '10.0.0.1' }],
    [{ endpointGroupName: 'group', endpoints: [] }],
  ])('is read as it is: %o', (document) => {
    for (const type of namedByPath.filter(({ name }) => name === 'private_endpoint'))
      expect(readResource(type, placeholders, document)).toMatchObject({
        id: 'vpce-1',
        document: JSON.stringify(document),
      });
  });
});

test('the name of a database user is not part of its id', () => {
  const type = CATALOGUE.find(({ name }) => name === 'database_user');
  if (type === undefined) throw new Error('there is no such type');
  const ids = [
    { databaseName: 'admin', username: 'ann@example.com' },
    { databaseName: '$external', username: 'ann@example.com' },
    { databaseName: 'admin', username: 'bob@example.com' },
  ].map((document) => {
    const resource = readResource(type, new Map(), document);
    return 'id' in resource ? resource.id : null;
  });
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/);
});
