import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../../functions/inventory/catalogue/catalogue.ts';
import { readResource } from '../../../functions/inventory/content.ts';
import { placeholdersOf, targetName } from '../../../functions/inventory/listings.ts';
import { REDACTED, redactText, withoutSecrets } from '../../../functions/inventory/secrets.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { listParametersAt, RESOURCE_LISTS, resourcesAt } from '../../../simulator/resources/resources.ts';
import { T } from '../../support/times.ts';

const organisation = createOrganisation({ drift: true });

/** Secrets that are recognisable by their form, in any field. */
const TELLING: Record<string, string> = {
  'a connection string': 'mongodb+srv://admin:CANARY1%2Fx@orders.q1w2e3.mongodb.net/?retryWrites=true',
  'one with a strange password':
    'mongodb://admin:a/b?CANARY1@c@host-00.mongodb.net:27017,host-01.mongodb.net:27017',
  'an address of AWS':
    'https://bucket.s3.amazonaws.com/a.tgz?X-Amz-Credential=CANARY1&X-Amz-Signature=CANARY2',
  'an address of Azure': 'https://a.blob.core.windows.net/c/d?sv=2024-11-04&sig=CANARY1%3D',
  'an address of Google': 'https://storage.googleapis.com/a/b?X-Goog-Signature=CANARY1',
  'a secret of a service account': 'mdb_sa_sk_CANARY1',
  'a JSON Web Token': 'eyJhbGciOiJIUzI1NiJ9.eyJDQU5BUlkxIjoxfQ.CANARY1',
  'a private key': '-----BEGIN PRIVATE KEY-----\nCANARY1\n-----END PRIVATE KEY-----',
  'a header': 'Authorization: Bearer CANARY1CANARY1',
  'a setting': 'org.apache.kafka.PlainLoginModule required username="u" password="CANARY1";',
};

/** A secret that is recognisable only by its field's name, and such names. */
const SILENT = 'CANARY3';
const TELLING_NAMES = [
  'secret',
  'clientSecret',
  'password',
  'apiKey',
  'privateKey',
  'accessToken',
  'sslKeyPassphrase',
  'saslJaasConfig',
  'downloadUrl',
  'credentials',
];

/** Returns every document of a type that the simulator has at an instant, one of each set of fields. */
function documentsOf(kind: string): Record<string, unknown>[] {
  const list = RESOURCE_LISTS.find((candidate) => candidate.kind === kind);
  if (list === undefined) return [{ id: 'a1', name: 'n', orgId: 'o', partitionName: 'data', userAlias: 'u' }];
  const projects = list.scope === 'project' ? organisation.projects : [undefined];
  const documents = projects.flatMap((project) => {
    const owner = { organisation, project };
    return listParametersAt(list, owner, T).flatMap((parameters) => resourcesAt(list, owner, parameters, T));
  });
  const byFields = new Map(documents.map((document) => [Object.keys(document).join(), document]));
  return [...byFields.values()];
}

/** Returns copies of a document, each with the value in another field, at every depth. */
function planted(value: unknown, secret: unknown): unknown[] {
  if (Array.isArray(value)) {
    const inItems = value.flatMap((item, index) =>
      planted(item, secret).map((changed) => value.with(index, changed)),
    );
    return [...inItems, [...value, secret]];
  }
  if (typeof value !== 'object' || value === null) return [secret];
  const inFields = Object.entries(value).flatMap(([name, field]) =>
    planted(field, secret).map((changed) => ({ ...value, [name]: changed })),
  );
  return [...inFields, { ...value, somethingNew: secret }, { ...value, nested: { deep: [secret] } }];
}

/** Returns everything that a row, and the state, can contain of a document. */
function kept(kind: string, document: Record<string, unknown>): string {
  const type = CATALOGUE.find(({ name }) => name === kind);
  if (type === undefined) throw new Error(`no type ${kind}`);
  const resource = readResource(
    type,
    new Map([...placeholdersOf(type, targetName(new Map([['endpointId', 'e']]))), ['groupId', 'g']]),
    document,
  );
  return JSON.stringify('missing' in resource ? resource : { ...resource, fields: [...resource.fields] });
}

describe.each(CATALOGUE.map(({ name }) => name))('a document of %s', (kind) => {
  const documents = documentsOf(kind);

  test.each(Object.entries(TELLING))('loses %s from every field', (_name, secret) => {
    const variants = documents.flatMap((document) => planted(document, secret));
    expect(variants.length).toBeGreaterThan(3);
    for (const variant of variants) expect(kept(kind, Object(variant))).not.toContain('CANARY');
  });

  test("loses a secret that only its field's name reveals, at any depth", () => {
    for (const name of TELLING_NAMES) {
      for (const holder of [
        { [name]: SILENT },
        { [name]: { value: SILENT } },
        { [name]: [SILENT, { a: SILENT }] },
      ]) {
        const variants = documents.flatMap((document) => [
          ...planted(document, holder),
          { ...document, ...holder },
        ]);
        for (const variant of variants) expect(kept(kind, Object(variant))).not.toContain(SILENT);
      }
    }
  });
});

/** Fields that Atlas accepts or shows, and others that it may show one day, in documents about credentials. */
const WITHHELD: Readonly<Record<string, readonly string[]>> = {
  database_user: ['password', 'awsIAMType2', 'somethingNew'],
  project_api_key: ['privateKey', 'somethingNew'],
  organization_api_key: ['privateKey', 'somethingNew'],
  encryption_at_rest: [
    'awsKms.accessKeyID',
    'awsKms.secretAccessKey',
    'awsKms.somethingNew',
    'azureKeyVault.clientID',
    'azureKeyVault.secret',
    'azureKeyVault.somethingNew',
    'googleCloudKms.serviceAccountKey',
    'googleCloudKms.somethingNew',
    'somethingNew',
  ],
};

test.each(Object.entries(WITHHELD))(
  'a document of %s keeps no value of a field that is not listed',
  (kind, paths) => {
    expect(CATALOGUE.find(({ name }) => name === kind)?.keep).toBeDefined();
    for (const document of documentsOf(kind)) {
      for (const path of paths)
        expect(kept(kind, withValue(document, path.split('.'), SILENT))).not.toContain(SILENT);
    }
  },
);

test('every type with a list of fields is tested', () => {
  const types = CATALOGUE.filter(({ keep }) => keep !== undefined).map(({ name }) => name);
  expect(types.sort()).toEqual(Object.keys(WITHHELD).sort());
});

function withValue(
  document: object,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...document };
  return { ...fields, [name]: rest.length === 0 ? value : withValue(Object(fields[name]), rest, value) };
}

test('a service account keeps when its secrets expire, and nothing of the secrets', () => {
  const [account] = documentsOf('project_service_account');
  const secrets = [
    {
      id: '32b6e34b3d91647abb20e7b8',
      createdAt: '2025-05-04T09:42:00Z',
      expiresAt: '2026-05-04T09:42:00Z',
      lastUsedAt: '2026-03-04T09:42:00Z',
      maskedSecretValue: 'mdb_sa_sk_...CANARY',
      secret: 'CANARY',
    },
  ];
  const clean = withoutSecrets({ ...account, secrets }, ['secrets.secret', 'secrets.maskedSecretValue']);
  expect(clean['secrets']).toEqual([
    {
      id: '32b6e34b3d91647abb20e7b8',
      createdAt: '2025-05-04T09:42:00Z',
      expiresAt: '2026-05-04T09:42:00Z',
      lastUsedAt: '2026-03-04T09:42:00Z',
    },
  ]);
});

test.each([
  'mongodb://orders-shard-00-00.q1w2e3.mongodb.net:27017/?ssl=true&authSource=admin',
  'https://cloud.mongodb.com/v2/5efda6aea3f2ed2e7dd6ce00#clusters?view=list',
  'hello@example.com',
  'vpce-3bf78b0ddee411ba1',
  'The token was found.',
])('%s is not a secret', (text) => expect(redactText(text)).toBe(text));

test('a removed secret leaves a marker', () => {
  expect(redactText('mongodb://u:p@host/db')).toBe(`mongodb://${REDACTED}@host/db`);
  expect(withoutSecrets({ password: 'p', tokenDiscovered: true }, [])).toEqual({
    password: REDACTED,
    tokenDiscovered: true,
  });
});
