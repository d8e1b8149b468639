import { fractionAt, hashAt, hashText } from '../hash.ts';
import { isoSeconds } from '../time.ts';

/** One attempt to authenticate, as the host records it. */
export interface Attempt {
  /** Milliseconds since 1970. */
  time: number;
  connection: number;
  client: { address: string; port: number };
  user: string;
  database: string;
  mechanism: string;
  /** Null if it succeeded. */
  failure: string | null;
  application: string | null;
  driver: { name: string; version: string };
}

const USERS = ['orders-api', 'reporting', 'mms-automation', 'backup', 'ops äöü', 'CN=jobs,O="Example, Inc."'];
const APPLICATIONS = ['orders-api', 'mongosh 2.5.9', 'nightly "report"', null];
const DRIVERS = [
  { name: 'nodejs|mongosh', version: '6.19.0|2.5.9' },
  { name: 'PyMongo|c', version: '4.16.0' },
  { name: 'mongo-java-driver|sync', version: '5.2.1' },
];

/** Returns the attempt that a number determines. */
export function attemptOf(key: number, time: number, connection: number): Attempt {
  const pick = (part: number) => hashAt(key, part);
  const of = <T>(values: readonly [T, ...T[]] | readonly T[], part: number): T | undefined =>
    values[pick(part) % values.length];
  const user = of(USERS, 1) ?? '';
  const isExternal = user.startsWith('CN=');
  const failed = fractionAt(key, 2) < 0.05;
  return {
    time,
    connection,
    client: {
      // Applications run in a few networks, and someone guesses passwords from a few addresses outside.
      address: failed ? `203.0.113.${7 + 31 * (pick(3) % 5)}` : `10.0.${pick(3) % 4}.${10 + (pick(4) % 20)}`,
      port: 1024 + (pick(6) % 60_000),
    },
    user,
    database: isExternal ? '$external' : 'admin',
    mechanism: isExternal ? 'MONGODB-X509' : (of(['SCRAM-SHA-256', 'SCRAM-SHA-1'], 7) ?? ''),
    failure: failed ? `UserNotFound: Could not find user "${user}" for db "admin"` : null,
    application: of(APPLICATIONS, 8) ?? null,
    driver: of(DRIVERS, 9) ?? { name: 'nodejs', version: '6.19.0' },
  };
}

/** What a log line adds to the fields that Atlas gives. */
export interface LineContent {
  mechanism: string | null;
  application: string | null;
  driver: { name: string; version: string } | null;
}

/** Returns an attempt's line in one of the forms that hosts write, and its content. */
export function structuredLine(attempt: Attempt, form: number): { line: string; content: LineContent } {
  const { client, mechanism, user, database, failure, application, driver } = attempt;
  const remote = `${client.address}:${client.port}`;
  const [modern, rest] = [form % 4 !== 0, { application: null, driver: null }];
  if (!modern && failure !== null) {
    const attr = {
      mechanism,
      speculative: false,
      principalName: user,
      authenticationDatabase: database,
      remote,
      extraInfo: {},
      error: failure,
    };
    return { line: json(attempt, 20249, 'Authentication failed', attr), content: { mechanism, ...rest } };
  }
  if (!modern) {
    const attr = { client: remote, mechanism, user, db: database };
    return {
      line: json(attempt, 20429, 'Successfully authenticated', attr),
      content: { mechanism, ...rest },
    };
  }
  const doc = {
    ...(application === null ? {} : { application: { name: application } }),
    driver,
    os: { type: 'Linux', name: 'linux', architecture: 'x64', version: '6.8.0-51-generic' },
    platform: 'Node.js v20.19.5, LE',
    env: { container: { runtime: 'docker', orchestrator: 'kubernetes' } },
  };
  const attr = {
    client: remote,
    isSpeculative: true,
    isClusterMember: false,
    mechanism,
    user,
    db: database,
    ...(failure === null ? {} : { error: failure }),
    result: failure === null ? 0 : 11,
    metrics: {
      conversation_duration: {
        micros: 1_000 + (hashText(remote) % 30_000),
        summary: {
          0: { step: 1, step_total: 2, duration_micros: 138 },
          1: { step: 2, step_total: 2, duration_micros: 38 },
        },
      },
    },
    doc,
    extraInfo: {},
  };
  const line =
    failure === null
      ? json(attempt, 5286306, 'Successfully authenticated', attr)
      : json(attempt, 5286307, 'Failed to authenticate', attr);
  return { line, content: { mechanism, application, driver } };
}

/** Returns the line that hosts wrote before MongoDB 4.4. */
export function textLine({ time, connection, client, user, database, mechanism, failure }: Attempt): string {
  const head = `${new Date(time).toISOString().replace('Z', '+0000')} I  ACCESS   [conn${connection}] `;
  const from = `from client ${client.address}:${client.port}`;
  return failure === null
    ? `${head}Successfully authenticated as principal ${user} on ${database} ${from}`
    : `${head}${mechanism} authentication failed for ${user} on ${database} ${from} ; ${failure}`;
}

function json({ time, connection }: Attempt, id: number, message: string, attr: object): string {
  const date = new Date(time).toISOString().replace('Z', '+00:00');
  const head = `{"t":{"$date":"${date}"},"s":"I",  "c":"ACCESS",   "id":${String(id).padEnd(8, ' ')}`;
  return `${head.trimEnd()}, "ctx":"conn${connection}","msg":"${message}","attr":${JSON.stringify(attr)}}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Formats a second as Atlas does in entries: `Mon Mar 09 03:28:20 GMT 2026`, or ISO 8601. */
export function entryTime(second: number, form: 'java' | 'iso'): string {
  if (form === 'iso') return isoSeconds(second);
  const date = new Date(second);
  const [day, month] = [DAYS[date.getUTCDay()], MONTHS[date.getUTCMonth()]];
  const clock = date.toISOString().slice(11, 19);
  return `${day} ${month} ${String(date.getUTCDate()).padStart(2, '0')} ${clock} GMT ${date.getUTCFullYear()}`;
}
