import { execFile } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { MAX_LINE } from '../../../shared/atlas/log-lines.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { logLine } from '../../unit/logs/log-history.ts';
import { ScriptedAtlas } from '../atlas/scripted-atlas.ts';

const COLLECT = fileURLToPath(new URL('fixtures/collect-log.ts', import.meta.url));

/** What the process may use for old objects, in MB. The log is larger, and its rows take several times as much. */
const HEAP = 64;

const LINES_PER_SECOND = 500;
const MINUTES = 5;

/** A line that is longer than anything the process could hold. */
const LONG_LINE = 64 * 1024 * 1024;

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

/** Returns the lines of one second. One second of the log has the long line. */
function* second(at: number): Generator<string> {
  const text = Array.from({ length: LINES_PER_SECOND }, (_, index) =>
    logLine(at + index, `${'x'.repeat(150)} ${index}`),
  );
  yield `${text.join('\n')}\n`;
  if (at !== T - 12 * MINUTE) return;
  for (let left = LONG_LINE; left > 0; left -= 2 ** 20) yield 'x'.repeat(2 ** 20);
  yield '\n';
}

function* log(start: number, end: number): Generator<string> {
  for (let at = start; at < end; at += SECOND) yield* second(at);
}

test('a log that is larger than the heap is collected whole', { timeout: 5 * MINUTE }, async () => {
  let sent = 0;
  atlas = await ScriptedAtlas.start(async ({ url = '' }, response) => {
    const { searchParams } = new URL(url, 'http://127.0.0.1');
    const [start, end] = ['startDate', 'endDate'].map((name) => Number(searchParams.get(name)) * SECOND);
    response.writeHead(200, { 'content-type': 'application/vnd.atlas.2023-02-01+gzip' });
    const text = Readable.from(log(start ?? 0, end ?? 0));
    text.on('data', (piece: string) => {
      sent += piece.length;
    });
    // The client closes the connection when it has enough.
    await pipeline(text, createGzip({ level: 1 }), response).catch(() => {});
  });
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${HEAP}`,
    COLLECT,
    atlas.url,
    String(T),
    String((MINUTES + 10) * MINUTE),
  ]);
  const { rows, gaps } = JSON.parse(stdout);
  expect({ rows, gaps }).toEqual({ rows: MINUTES * 60 * LINES_PER_SECOND + 1, gaps: 0 });
  expect(sent).toBeGreaterThan(HEAP * 1024 * 1024 + LONG_LINE + MAX_LINE);
});
