import { hashAt } from '../hash.ts';
import type { SettledLine } from './lines.ts';

/** One line in so many is truncated; is of a system user, without addresses; has several users; has further fields. */
const [BROKEN, SYSTEM, SEVERAL, PLAIN] = [60, 10, 12, 3];

const ACTIONS = ['authenticate', 'createUser', 'dropCollection', 'authCheck', 'logout'];
const USERS = ['orders-api', 'ann@example.com', 'ops äöü', 'CN=jobs,O="Example, Inc."'];

/** Returns the line of one audited action. Audit logs have the same form in every version. */
export function auditLines(key: number, time: number): SettledLine[] {
  const of = <T>(values: readonly T[], part: number): T | undefined =>
    values[hashAt(key, part) % values.length];
  const atype = of(ACTIONS, 1) ?? '';
  const name = of(USERS, 2) ?? '';
  const isSystem = hashAt(key, 3) % SYSTEM === 0;
  const client = {
    ip: `10.0.${hashAt(key, 4) % 256}.${hashAt(key, 5) % 256}`,
    port: 1024 + (hashAt(key, 6) % 60_000),
  };
  const isSeveral = hashAt(key, 7) % SEVERAL === 0;
  const users = isSystem
    ? []
    : [{ user: name, db: 'admin' }, ...(isSeveral ? [{ user: 'reporting', db: 'shop' }] : [])];
  const roles = isSystem ? [] : [{ role: 'readWrite', db: 'shop' }];
  const param = { user: name, db: 'admin', mechanism: 'SCRAM-SHA-256', n: hashAt(key, 8) };
  const result = hashAt(key, 9) % 5 === 0 ? 18 : 0;
  const uuid = hashAt(key, 10) % PLAIN === 0 ? null : { $binary: `u${hashAt(key, 11)}==`, $type: '04' };
  const document = {
    atype,
    ts: { $date: new Date(time).toISOString().replace('Z', '+00:00') },
    ...(uuid && { uuid }),
    local: isSystem ? { isSystemUser: true } : { ip: '10.1.2.3', port: 27017 },
    remote: isSystem ? { isSystemUser: true } : client,
    users,
    roles,
    param,
    result,
  };
  // MongoDB writes spaces around colons and brackets.
  const text = JSON.stringify(document)
    .replace('{"atype":', '{ "atype" : ')
    .replace('"ts":{"$date":', '"ts" : { "$date" : ');
  const bytes = Buffer.from(text);
  if (hashAt(key, 12) % BROKEN === 0) {
    return [{ bytes: bytes.subarray(0, 90 + (hashAt(key, 13) % 60)), content: null }];
  }
  const rest = {
    ...(uuid && { uuid }),
    ...(isSystem && { local: { isSystemUser: true }, remote: { isSystemUser: true } }),
  };
  return [
    {
      bytes,
      content: {
        atype,
        local_address: isSystem ? null : '10.1.2.3',
        local_port: isSystem ? null : 27017,
        remote_address: isSystem ? null : client.ip,
        remote_port: isSystem ? null : client.port,
        username: isSystem ? null : name,
        user_database: isSystem ? null : 'admin',
        users: JSON.stringify(users),
        roles: JSON.stringify(roles),
        param: JSON.stringify(param),
        result,
        further_fields: Object.keys(rest).length === 0 ? null : JSON.stringify(rest),
      },
    },
  ];
}
