import { planOf } from './plan.ts';
import { commandShape } from './shape.ts';

/** What a line of a slow query says in addition to what Atlas returns. Nothing of it is a literal value, except the application. */
export interface LineDetails {
  /** Milliseconds. */
  duration: number | null;
  plan: string | null;
  /** The command's shape as JSON. For a further batch, of the command that opened the cursor. */
  shape: string | null;
  queryHash: string | null;
  planCacheKey: string | null;
  hasSortStage: boolean | null;
  /** What the client calls itself: a literal value. */
  appName: string | null;
}

export interface ReadLine {
  details: LineDetails;
  /** Whether the line is whole. If not, it is plain text or cut off. */
  isWhole: boolean;
  /** The namespace in the line, which is no literal value; null if there is none. */
  namespace: string | null;
  /** The line without literal values. */
  redacted: string;
}

/** Characters. MongoDB truncates attributes at 10 KB, so a much longer line is not one of its own. */
const MAX_LINE_LENGTH = 256 * 1024;

/** The message of every slow operation. */
const MESSAGE = 'Slow query';

const SEVERITIES = new Set(['F', 'E', 'W', 'I', 'D', 'D1', 'D2', 'D3', 'D4', 'D5']);
const COMPONENTS = new Set(['COMMAND', 'WRITE', 'QUERY', 'TXN', 'REPL', 'SHARDING', 'NETWORK', 'STORAGE']);
const TYPES = new Set(['command', 'query', 'find', 'update', 'insert', 'remove', 'getmore', 'none']);

/** The attributes that count something, or that measure a time or a size. */
const COUNTS = [
  ...[
    'nShards',
    'keysExamined',
    'docsExamined',
    'nMatched',
    'nModified',
    'nUpserted',
    'ninserted',
    'ndeleted',
  ],
  ...['keysInserted', 'keysDeleted', 'prepareReadConflicts', 'writeConflicts', 'numYields', 'nreturned'],
  ...['reslen', 'planningTimeMicros', 'cpuNanos', 'workingMillis', 'durationMillis', 'errCode'],
];
const FLAGS = [
  ...['isFromUserConnection', 'cursorExhausted', 'hasSortStage', 'usedDisk', 'fromMultiPlanner', 'replanned'],
  ...['fromPlanCache', 'upsert', 'exhaust'],
];

/** Hashes that MongoDB computes from shapes, which have no values. */
const HASHES = ['queryHash', 'planCacheKey', 'queryShapeHash', 'planCacheShapeHash'];
const HASH = /^[\dA-F]{8}(?:[\dA-F]{56})?$/i;

/** The counts of the storage engine, in `storage.data`. */
const STORAGE = ['bytesRead', 'timeReadingMicros', 'bytesWritten', 'timeWritingMicros'];

const NOTHING: LineDetails = {
  duration: null,
  plan: null,
  shape: null,
  queryHash: null,
  planCacheKey: null,
  hasSortStage: null,
  appName: null,
};

/**
 * Reads the line of a slow query, and removes its literal values. The redacted line has only what is known to contain
 * none: times, counts, hashes of shapes, and the shapes of commands and plans. Everything else is left out: texts of
 * errors, comments, names of applications and users, addresses, and whatever MongoDB adds in the future. Of a line that
 * is plain text or cut off, only the time remains. Never throws.
 *
 * @param time when the line was logged, ms
 */
export function readLine(line: string, time: number): ReadLine {
  const head = { t: { $date: new Date(time).toISOString() } };
  const document = parsed(line);
  if (document === null) {
    const redacted = JSON.stringify({ ...head, redacted: 'a line that is not JSON' });
    return { details: NOTHING, isWhole: false, namespace: null, redacted };
  }
  const given = fieldsOf(document['attr']);
  const command = shapeIn(given, 'command');
  const originating = shapeIn(given, 'originatingCommand');
  const plan = typeof given['planSummary'] === 'string' ? planOf(given['planSummary']) : undefined;
  const counts = picked(given, COUNTS, (value) => typeof value === 'number');
  const flags = picked(given, FLAGS, (value) => typeof value === 'boolean');
  const hashes = picked(given, HASHES, (value) => typeof value === 'string' && HASH.test(value));
  const storage = picked(fieldsOf(fieldsOf(given['storage'])['data']), STORAGE, Number.isSafeInteger);
  const redacted = {
    ...head,
    s: oneOf(SEVERITIES, document['s']),
    c: oneOf(COMPONENTS, document['c']),
    id: Number.isSafeInteger(document['id']) ? document['id'] : undefined,
    ctx: connectionOf(document['ctx']),
    msg: document['msg'] === MESSAGE ? MESSAGE : undefined,
    attr: {
      type: oneOf(TYPES, given['type']),
      command,
      originatingCommand: originating,
      planSummary: plan,
      ...counts,
      ...flags,
      ...hashes,
      ...(Object.keys(storage).length > 0 && { storage: { data: storage } }),
    },
  };
  const shape = originating ?? command;
  return {
    details: {
      duration: numberOf(counts['durationMillis']),
      plan: plan ?? null,
      shape: shape === undefined ? null : JSON.stringify(shape),
      queryHash: textOf(hashes['queryHash'] ?? hashes['planCacheShapeHash']),
      planCacheKey: textOf(hashes['planCacheKey']),
      hasSortStage:
        flags['hasSortStage'] === true || flags['hasSortStage'] === false ? flags['hasSortStage'] : null,
      appName: textOf(given['appName']),
    },
    isWhole: true,
    namespace: textOf(given['ns']),
    redacted: JSON.stringify(redacted),
  };
}

function parsed(line: string): Record<string, unknown> | null {
  if (!line.trimStart().startsWith('{') || line.length > MAX_LINE_LENGTH) return null;
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Returns the fields of an object; none for any other value. */
function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function shapeIn(given: Record<string, unknown>, name: string): unknown {
  const value = given[name];
  return typeof value === 'object' && value !== null ? commandShape(value) : undefined;
}

/** Returns the fields with these names whose values pass, in this order. */
function picked(
  given: Record<string, unknown>,
  names: readonly string[],
  passes: (value: unknown) => boolean,
): Record<string, unknown> {
  const found = names.filter((name) => Object.hasOwn(given, name) && passes(given[name]));
  return Object.fromEntries(found.map((name) => [name, given[name]]));
}

function oneOf(known: ReadonlySet<string>, value: unknown): string | undefined {
  return typeof value === 'string' && known.has(value) ? value : undefined;
}

/** Returns the context if it is the number of a connection. */
function connectionOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^conn\d{1,15}$/.test(value) ? value : undefined;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : null;
}
