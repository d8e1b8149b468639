import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitNamespace } from '../../../functions/ranked-namespaces/namespace.ts';

test.each([
  ['shop.carts', 'shop', 'carts'],
  ['shop.carts.2026.01', 'shop', 'carts.2026.01'],
  ['local.oplog.rs', 'local', 'oplog.rs'],
  ['tenant_ä.événements 100%', 'tenant_ä', 'événements 100%'],
  ['admin.$cmd.aggregate', 'admin', '$cmd.aggregate'],
  ['nodot', 'nodot', ''],
  ['shop.', 'shop', ''],
  ['.carts', '', 'carts'],
  ['', '', ''],
])('%j is database %j and collection %j', (namespace, database, collection) => {
  expect(splitNamespace(namespace)).toEqual({ database, collection });
});

test("a split namespace keeps both parts, whatever the collection's name", () => {
  const database = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('.'));
  fc.assert(
    fc.property(database, fc.string({ unit: 'binary' }), (name, collection) => {
      expect(splitNamespace(`${name}.${collection}`)).toEqual({ database: name, collection });
    }),
  );
});
