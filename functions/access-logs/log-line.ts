import { parseInstant } from '../../shared/instant.ts';

/** What a host's log line says beside the fields that Atlas gives. */
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

/** Characters. MongoDB cuts attributes at 10 KB; what is much longer is not one of its lines. */
const LONGEST_LINE = 64 * 1024;

/**
 * Reads MongoDB's structured log, which hosts write from version 4.4 on. Lines about authentication have the mechanism
 * in `attr.mechanism` (ids 20249, 20250 and 20429, from 7.0 on 5286306 and 5286307); what the client says of itself is
 * in `attr.doc`, in those of 8.0 and in "Connection not authenticating" (10483900). Plain text, or a line that was cut,
 * says nothing. Never throws.
 */
export function parseLogLine(line: string | null): LineDetails {
  if (line === null || !line.startsWith('{') || line.length > LONGEST_LINE) return NOTHING;
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

/** Of what JSON gives. None of the names asked for is one that objects have by nature. */
function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** An empty name is none. */
function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : null;
}
