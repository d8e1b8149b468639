import { fractionAt, hashAt, hashText, hexName } from './hash.ts';
import type { Cluster, Organisation } from './organisation/types.ts';
import { namespaceOf } from './performance-advisor/names.ts';
import { HOUR, MINUTE } from './time.ts';

/** What Query Shape Insights counts, as a pure function of seed, cluster and time. */

export interface ShapeSummary {
  avgWorkingMillis: number;
  bytesRead: number;
  command: string;
  docsExamined: number;
  docsReturned: number;
  execCount: number;
  keysExamined: number;
  lastExecMicros: number;
  namespace: string;
  queryShapeHash: string;
  systemQuery: boolean;
  totalWorkingMillis: number;
}

/** A client's query: a span in milliseconds since 1970, without its end, and the maximum number of shapes. */
export interface ShapeRequest {
  start: number;
  end: number;
  most: number;
}

/** Atlas counts every ten minutes. A count shows at its end. */
const SAMPLING = 10 * MINUTE;

/** A shape is used in this share of the hours, and a cluster is quiet in some. */
const USED_SHARE = 0.6;
const QUIET_SHARE = 0.15;

const COMMANDS = ['find', 'aggregate', 'distinct'];

/** Returns the shapes of a span as seen at a time, those with the most work first. */
export function shapesIn(
  { adviceRetention }: Pick<Organisation, 'adviceRetention'>,
  cluster: Cluster,
  { start, end, most }: ShapeRequest,
  now: number,
): ShapeSummary[] {
  const from = Math.ceil(Math.max(start, now - adviceRetention) / SAMPLING) * SAMPLING;
  const samples: number[] = [];
  for (let time = from; time + SAMPLING <= Math.min(end, now); time += SAMPLING) samples.push(time);
  return Array.from({ length: cluster.queryShapes }, (_, number) => summary(cluster, number, samples))
    .filter(({ execCount }) => execCount > 0)
    .sort(
      (a, b) => b.totalWorkingMillis - a.totalWorkingMillis || (a.queryShapeHash < b.queryShapeHash ? -1 : 1),
    )
    .slice(0, most);
}

function summary(cluster: Cluster, number: number, samples: readonly number[]): ShapeSummary {
  const key = hashText(`${cluster.id}/shape/${number}`);
  const quiet = hashText(`${cluster.id}/quiet`);
  const counts = samples.map((time) => {
    const hour = Math.floor(time / HOUR);
    const isUsed = fractionAt(key, hour) < USED_SHARE && fractionAt(quiet, hour) >= QUIET_SHARE;
    return isUsed ? hashAt(~key, time / SAMPLING) % 50 : 0;
  });
  const execCount = counts.reduce((sum, count) => sum + count, 0);
  const last = samples[counts.findLastIndex((count) => count > 0)] ?? 0;
  const millis = 1 + (key % 700) / 10;
  const examined = 1 + (key % 3_000);
  return {
    avgWorkingMillis: millis,
    bytesRead: execCount * (key % 100_000),
    command: COMMANDS[number % COMMANDS.length] ?? 'find',
    docsExamined: execCount * examined,
    docsReturned: execCount,
    execCount,
    keysExamined: execCount * (key % 30),
    lastExecMicros: 100 + (hashAt(key, last / SAMPLING) % 90_000),
    namespace: namespaceOf(number),
    queryShapeHash: hexName(`shape/${key}`, 64).toUpperCase(),
    systemQuery: number % 4 === 3,
    totalWorkingMillis: execCount * millis,
  };
}
