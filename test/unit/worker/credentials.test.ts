import { describe, expect, test } from 'vitest';
import type { AtlasCredentials } from '../../../shared/atlas/api.ts';
import { AtlasConfigurationError } from '../../../shared/atlas/errors.ts';
import { inOrderOfPreference } from '../../../shared/credential-name.ts';
import { parseCredentials, parseRedactionKey } from '../../../shared/worker/credentials.ts';

const ACME = { clientId: 'mdb_sa_id_acme', clientSecret: 'mdb_sa_sk_acme' };
const GLOBEX = { publicKey: 'globexxx', privateKey: '11111111-2222-4333-8444-555555555555' };

const parse = (content: unknown) => parseCredentials(JSON.stringify(content), 'the secret');

/** Returns the kind of each credential, or the message of its error. */
const outline = (content: unknown) =>
  Object.fromEntries(
    [...parse(content)].map(([name, value]: [string | null, AtlasCredentials | AtlasConfigurationError]) => [
      String(name),
      value instanceof AtlasConfigurationError ? value.message : value.kind,
    ]),
  );

describe('the secret', () => {
  test.each([
    ['one credential', ACME, { null: 'service-account' }],
    ['one with a key beside it', { ...GLOBEX, redactionKey: 'k' }, { null: 'api-key' }],
    ['one with notes of its owner', { ...ACME, team: 'dba', year: 2026 }, { null: 'service-account' }],
    ['named ones', { acme: ACME, globex: GLOBEX }, { acme: 'service-account', globex: 'api-key' }],
    ['named ones with a key', { acme: ACME, redactionKey: 'k' }, { acme: 'service-account' }],
    [
      'one, and a named one beside it',
      { ...ACME, globex: GLOBEX },
      { null: 'service-account', globex: 'api-key' },
    ],
  ])('may hold %s', (_, content, expected) => {
    expect(outline(content)).toEqual(expected);
  });

  test.each([
    ['is empty', {}],
    ['has half a secret', { clientId: 'mdb_sa_id_acme' }],
    ['is a text', 'mdb_sa_sk_acme'],
    ['is a list', [ACME]],
    ['is empty text', { publicKey: '', privateKey: '' }],
  ])('with one entry that %s fails for this name only', (_, entry) => {
    const { acme, globex } = outline({ acme: entry, globex: GLOBEX });
    expect(globex).toBe('api-key');
    expect(acme).toMatch(/^readCredentials: the credential acme of the secret must hold \{"clientId"/);
    expect(acme).not.toMatch(/\n|mdb_sa/);
  });

  test.each([
    'Acme',
    'acme corp',
    '',
    '__proto__',
    'mdb_sa_sk_x',
    GLOBEX.privateKey,
    'a\nb',
    'ä',
    '-a',
    'a'.repeat(33),
  ])('does not repeat the name %j, which may be a secret', (name) => {
    const found = parseCredentials(
      `{"acme":${JSON.stringify(ACME)},${JSON.stringify(name)}:{}}`,
      'the secret',
    );
    expect([...found.keys()]).toEqual(['acme', '#2']);
    const error = found.get('#2');
    expect(error).toBeInstanceOf(AtlasConfigurationError);
    expect(String(error)).toMatch(/the name of credential #2 of the secret must be a lower-case letter/);
    expect(String(error)).not.toMatch(/\n/);
    if (name.length > 3) expect(String(error)).not.toContain(name);
  });

  test.each([
    ['{}', /^readCredentials: the secret is empty; put \{"clientId"/],
    ['', /^readCredentials: the secret must be JSON that holds/],
    ['mdb_sa_sk_acme', /^readCredentials: the secret must be JSON/],
    ['"mdb_sa_sk_acme"', /^readCredentials: the secret must hold/],
    ['{"redactionKey":"mdb_sa_sk_acme"}', /^readCredentials: the secret must hold/],
  ])('%j is one line that says what it must hold', (text, says) => {
    const thrown = (() => {
      try {
        return parseCredentials(text, 'the secret');
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(AtlasConfigurationError);
    expect(String(thrown).replace(/^\w+: /, '')).toMatch(says);
    expect(String(thrown)).not.toMatch(/\n|mdb_sa/);
  });

  test('has the key for hashes beside credentials of both forms', () => {
    expect(parseRedactionKey(JSON.stringify({ ...ACME, redactionKey: 'k' }), 'the secret')).toBe('k');
    expect(parseRedactionKey(JSON.stringify({ acme: ACME, redactionKey: 'k' }), 'the secret')).toBe('k');
    expect(parseRedactionKey(JSON.stringify({ acme: ACME }), 'the secret')).toBeNull();
  });
});

test('credentials are preferred in the order of their names, and the one without a name first', () => {
  expect(inOrderOfPreference(['globex', 'acme', null, 'acme'])).toEqual([null, 'acme', 'globex']);
});
