import { parseInstant } from '../../shared/instant.ts';

/** What a host's log line contains in addition to the fields that Atlas returns. */
export interface LineDetails {
  /** When the line was written, ms since the epoch. */
  time: number | null;
  mechanism: string | null;
  appName: string | null;
  driverName: string | null;
  driverVersion: string | null;
}

const NOTHING: LineDetails = {
  time: null,
  mechanism: null,
  appName: null,
  driverName: null,
  driverVersion: null,
};

/** Characters. MongoDB truncates attributes at 10 KB, so a much longer line is not one of its own. */
const MAX_LINE_LENGTH = 64 * 1024;

/**
 * Reads a line of MongoDB's structured log, which hosts write since version 4.4. Lines about authentication have the
 * mechanism in `attr.mechanism` (ids 20249, 20250 and 20429, and since 7.0 5286306 and 5286307). In lines of 8.0 and in
 * "Connection not authenticating" (10483900), `attr.doc` has what the client reports about itself. Returns no details
 * for plain text and for truncated lines. Never throws.
 */
export function parseLogLine(line: string | null): LineDetails {
  if (line === null || !line.startsWith('{') || line.length > MAX_LINE_LENGTH) return NOTHING;
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return NOTHING;
  }
  const attributes = field(document, 'attr');
  const client = field(attributes, 'doc');
  const driver = field(client, 'driver');
  return {
    time: parseInstant(field(field(document, 't'), '$date')) ?? null,
    mechanism: text(field(attributes, 'mechanism')),
    appName: text(field(field(client, 'application'), 'name')),
    driverName: text(field(driver, 'name')),
    driverVersion: text(field(driver, 'version')),
  };
}

/** Reads a field of a JSON value. No name passed here is a property that every object inherits. */
function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Returns a text; an empty name counts as none. */
function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : null;
}
