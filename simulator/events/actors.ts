import { hexName } from '../hash.ts';

/** Who causes events: a few people, API keys and a service account. */
interface Actor {
  fields: Readonly<Record<string, unknown>>;
  address: string;
}

const user = (username: string, address: string): Actor => ({
  fields: { userId: hexName(`user/${username}`, 24), username },
  address,
});

const ACTORS: readonly [Actor, ...Actor[]] = [
  user('ann@example.com', '192.0.2.17'),
  user('bob@example.com', '192.0.2.44'),
  user('chris@example.org', '198.51.100.6'),
  {
    fields: { apiKeyId: hexName('api-key/deploy', 24), publicKey: 'nmtxqlkl' },
    address: '203.0.113.9',
  },
  { fields: { username: 'mdb_sa_id_64f0a1b2c0eb9e7a17713c77' }, address: '203.0.113.10' },
];

/** One event in so many is caused by an employee of MongoDB. */
const EMPLOYEES = 50;

/** Returns the fields of the actor that a hash selects. */
export function actorFields(hash: number): Record<string, unknown> {
  const { fields, address } = ACTORS[hash % ACTORS.length] ?? ACTORS[0];
  return { ...fields, isGlobalAdmin: (hash >>> 8) % EMPLOYEES === 0, remoteAddress: address };
}

/** The fields of an event that Atlas causes itself. */
export const BY_ATLAS: Readonly<Record<string, unknown>> = { isGlobalAdmin: false };
