import { hashAt } from '../hash.ts';

/** A line of a log, without line feed, and what it says. */
export interface SettledLine {
  bytes: Buffer;
  /** The columns of a line that is wholly JSON, as JSON where a column has several values; null for any other line. */
  content: Readonly<Record<string, string | number | null>> | null;
}

/** One message in so many has lines without a time behind it; is truncated; has invalid UTF-8; has further fields. */
const [TRACES, BROKEN, INVALID, FURTHER] = [30, 60, 70, 20];

const COMPONENTS = ['NETWORK', 'REPL', 'STORAGE', 'ACCESS', '-'];
const MESSAGES = ['Connection accepted', 'Connection ended', 'client metadata', 'WiredTiger message'];
const TRACE = ['----- BEGIN BACKTRACE -----', ' mongod(+0x1A2B) [0x55d0]', ' mongod(+0x1A2B) [0x55d0]', ''];

/** Returns the lines of one message. The first has a time. */
export function messageLines(key: number, time: number, form: 'json' | 'text'): SettledLine[] {
  const of = <T>(values: readonly T[], part: number): T | undefined =>
    values[hashAt(key, part) % values.length];
  const [component, message] = [of(COMPONENTS, 1) ?? '-', of(MESSAGES, 2) ?? ''];
  const [context, id] = [`conn${hashAt(key, 3) % 900}`, 20_000 + (hashAt(key, 4) % 9_000)];
  const severity = of(['I', 'I', 'I', 'W', 'E', 'D1'], 5) ?? 'I';
  const first =
    form === 'text'
      ? textLine(time, [severity, component, context, message])
      : jsonLine(key, time, { severity, component, context, message, id });
  const trace = hashAt(key, 6) % TRACES === 0 ? TRACE.slice(hashAt(key, 7) % 3) : [];
  return [first, ...trace.map((text) => ({ bytes: Buffer.from(text), content: null }))];
}

function textLine(time: number, [severity, component, context, message]: readonly string[]): SettledLine {
  const date = new Date(time).toISOString().replace('Z', '+0000');
  const text = `${date} ${severity}  ${(component ?? '').padEnd(8)} [${context}] ${message} 日本\u0000`;
  return { bytes: Buffer.from(text), content: null };
}

function jsonLine(
  key: number,
  time: number,
  parts: { severity: string; component: string; context: string; message: string; id: number },
): SettledLine {
  const { severity, component, context, message, id } = parts;
  const date = new Date(time).toISOString().replace('Z', '+00:00');
  const address = `10.0.${hashAt(key, 8) % 256}.${hashAt(key, 9) % 256}:${1024 + (hashAt(key, 10) % 60_000)}`;
  // JavaScript cannot hold the last number.
  const attributes = `{"remote":"${address}","user":"ops äöü","n":${hashAt(key, 11)},"opTime":90071992547409931}`;
  const tags = hashAt(key, 12) % FURTHER === 0 ? '["startupWarnings"]' : null;
  const text =
    `{"t":{"$date":"${date}"},"s":"${severity}",  "c":"${component}", "id":${id}, "ctx":"${context}",` +
    `"msg":"${message}","attr":${attributes}${tags === null ? '' : `,"tags":${tags}`}}`;
  const bytes = Buffer.from(text);
  if (hashAt(key, 13) % BROKEN === 0)
    return { bytes: bytes.subarray(0, 60 + (hashAt(key, 14) % 60)), content: null };
  if (hashAt(key, 15) % INVALID === 0) {
    return { bytes: Buffer.concat([bytes.subarray(0, -1), Buffer.from([0xff])]), content: null };
  }
  return {
    bytes,
    content: {
      severity,
      component,
      log_id: id,
      context,
      message,
      attributes,
      further_fields: tags === null ? null : `{"tags":${tags}}`,
    },
  };
}
