import { arrivals, floorSecond } from '../arrivals.ts';
import { fractionAt, hashAt, hashText, mix } from '../hash.ts';
import type { Organisation, Process } from '../organisation/types.ts';
import { HOUR, SECOND } from '../time.ts';
import { type Query, queryOf } from './queries.ts';

/** How long a line takes to become readable: from 5 seconds to 5 minutes, because lines are processed in batches. */
const [QUICKEST, SLOWEST] = [5 * SECOND, 300 * SECOND];

/** One query in so many repeats the previous line; repeats it with other values; has a line that is cut off. */
const [COPIES, TWINS, BROKEN] = [50, 12, 40];

/** A cut comes after the line's time. */
const SHORTEST_CUT = 60;

/** What a line says beside its command. */
export interface LineContent {
  connection: number;
  query: Query;
  /** The counts, in the line's order. */
  counts: Record<string, number>;
  hashes: { queryHash: string; planCacheKey: string };
  storage: { bytesRead: number; timeReadingMicros: number };
  application: string;
}

/** A slow query of a process. Times in milliseconds since 1970. */
export interface SettledQuery {
  time: number;
  second: number;
  line: string;
  /** Null if the line is cut off. */
  content: LineContent | null;
  namespace: string;
  opType: string;
  replicaState: string | null;
  metrics: {
    docsExamined: number;
    docsReturned: number;
    fromUserConnection: boolean;
    keysExamined: number;
    operationExecutionTime: number;
    responseLength: number;
  };
  /** The first and last instant at which a client can read it. */
  visibleFrom: number;
  visibleUntil: number;
}

/** When a query is logged, and the numbers that determine it and its literal values. */
interface Arrival {
  time: number;
  own: number;
  literal: number;
}

/** Returns every slow query of a process with a time in [from, to), oldest first, as a pure function of seed and time. */
export function settledQueries(
  organisation: Organisation,
  process: Process,
  from: number,
  to: number,
): SettledQuery[] {
  const key = hashText(`slow-queries/${organisation.seed}/${process.id}`);
  const end = Math.min(floorHour(to) + HOUR, process.listedUntil ?? Number.POSITIVE_INFINITY);
  // Whole hours, because some queries repeat the one before, with its time.
  const times = arrivals(process.slowQueries, key, Math.max(floorHour(from), process.created), end);
  const queries: SettledQuery[] = [];
  let before: Arrival | null = null;
  for (const { time, index } of times.sort((a, b) => a.time - b.time || a.index - b.index)) {
    const own = hashAt(mix(key + 1), index);
    const repeated: Arrival | null = before && floorHour(before.time) === floorHour(time) ? before : null;
    const isCopy = hashAt(own, 1) % COPIES === 0;
    const isTwin = hashAt(own, 2) % TWINS === 0;
    const made: Arrival =
      repeated && (isCopy || isTwin)
        ? { ...repeated, literal: isCopy ? repeated.literal : own }
        : { time, own, literal: own };
    before = made;
    if (made.time >= from && made.time < to) queries.push(queryAt(organisation, process, made, own));
  }
  return queries;
}

function floorHour(time: number): number {
  return Math.floor(time / HOUR) * HOUR;
}

/** @param arrival decides when it becomes readable: differs from its twin's */
function queryAt(
  { slowQueriesRetention }: Organisation,
  process: Process,
  { time, own, literal }: Arrival,
  arrival: number,
): SettledQuery {
  const databases = process.databases.map(({ name }) => name);
  const database = databases[hashAt(own, 3) % Math.max(1, databases.length)] ?? 'shop';
  const query = queryOf(own, literal, database);
  const isScan = query.plan === 'COLLSCAN';
  const returned = hashAt(own, 4) % 200;
  const metrics = {
    docsExamined: returned + (isScan ? 1_000 + (hashAt(own, 5) % 900_000) : 0),
    docsReturned: returned,
    fromUserConnection: hashAt(own, 6) % 10 !== 0,
    keysExamined: isScan ? 0 : returned,
    operationExecutionTime: 100 + (hashAt(own, 7) % 4_000),
    responseLength: 100 + returned * 300,
  };
  const content: LineContent = {
    connection: 1 + (hashAt(own, 8) % 9_999_999),
    query,
    counts: {
      keysExamined: metrics.keysExamined,
      docsExamined: metrics.docsExamined,
      numYields: hashAt(own, 9) % 50,
      nreturned: returned,
      reslen: metrics.responseLength,
      planningTimeMicros: hashAt(own, 10) % 5_000,
      cpuNanos: hashAt(own, 11),
      workingMillis: metrics.operationExecutionTime,
      durationMillis: metrics.operationExecutionTime,
    },
    hashes: {
      queryHash: hashAt(own, 12).toString(16).toUpperCase().padStart(8, '0'),
      planCacheKey: hashAt(own, 13).toString(16).toUpperCase().padStart(8, '0'),
    },
    storage: { bytesRead: hashAt(own, 14) % 9_000_000, timeReadingMicros: hashAt(own, 15) % 90_000 },
    application: `secret-app ${literal.toString(16)}`,
  };
  const namespace = `${database}.${query.collection}`;
  const line = lineOf(time, namespace, content, literal);
  const isBroken = hashAt(own, 16) % BROKEN === 0;
  const { lateShare, lateByMs } = process.slowQueries;
  const late = fractionAt(arrival, 17) < lateShare ? lateByMs : 0;
  return {
    time,
    second: floorSecond(time),
    line: isBroken
      ? line.slice(0, SHORTEST_CUT + (hashAt(literal, 18) % (line.length - SHORTEST_CUT)))
      : line,
    content: isBroken ? null : content,
    namespace,
    opType: query.opType,
    replicaState: stateOf(process),
    metrics,
    visibleFrom: time + late + QUICKEST + Math.floor(fractionAt(arrival, 19) * (SLOWEST - QUICKEST)),
    visibleUntil: time + slowQueriesRetention,
  };
}

function stateOf({ typeName }: Process): string | null {
  if (typeName === 'SHARD_MONGOS') return null;
  return typeName.endsWith('SECONDARY') ? 'SECONDARY' : 'PRIMARY';
}

function lineOf(time: number, namespace: string, content: LineContent, literal: number): string {
  const { connection, query, counts, hashes, storage, application } = content;
  const date = new Date(time).toISOString().replace('Z', '+00:00');
  const attr = {
    type: query.type,
    ns: namespace,
    appName: application,
    isFromUserConnection: true,
    command: query.command,
    ...(query.originatingCommand && { originatingCommand: query.originatingCommand }),
    planSummary: query.plan,
    ...query.flags,
    ...counts,
    ...hashes,
    locks: { Global: { acquireCount: { r: 3 } } },
    storage: { data: storage },
    remote: `10.0.${literal % 256}.${(literal >>> 8) % 256}:27017`,
    protocol: 'op_msg',
  };
  const head = `{"t":{"$date":"${date}"},"s":"I",  "c":"COMMAND",  "id":51803,   "ctx":"conn${connection}"`;
  return `${head},"msg":"Slow query","attr":${JSON.stringify(attr)}}`;
}
