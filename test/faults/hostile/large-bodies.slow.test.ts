import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { MINUTE } from '../../../shared/durations.ts';
import { PROJECT, ScriptedAtlas } from '../../integration/atlas/scripted-atlas.ts';

/**
 * Reads bodies of 64 MiB, plain and compressed, in processes with a heap of 256 MB. Memory must not depend on the contents
 * of a body.
 */

const SIZE = 64 * 1024 * 1024 - 1024;

const CLIENT = fileURLToPath(new URL('large-body-client.ts', import.meta.url));
const HEAP_MEGABYTES = 256;

/** The heap, the body as bytes and as text, and Node itself. */
const MOST_MEGABYTES = HEAP_MEGABYTES + 3 * 64 + 100;

const TOO_LARGE = 'listDisks: the response is larger than 67108864 bytes or 2000000 values';

let atlas: ScriptedAtlas | undefined;
afterEach(() => atlas?.stop());

const read = z.object({ name: z.string(), message: z.string(), megabytes: z.number() });

async function readBy(body: Buffer, headers: Record<string, string>, status = 200) {
  atlas = await ScriptedAtlas.start((_request, response) => response.writeHead(status, headers).end(body));
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${HEAP_MEGABYTES}`,
    CLIENT,
    atlas.url,
    PROJECT,
  ]);
  return read.parse(JSON.parse(stdout));
}

function repeated(start: string, part: string, end = ''): string {
  return start + part.repeat(Math.floor((SIZE - start.length - end.length) / part.length)) + end;
}

function manyKeys(): string {
  const keys = Array.from(
    { length: Math.floor(SIZE / 14) },
    (_, key) => `"k${String(key).padStart(8, '0')}":1`,
  );
  return `{${keys.join(',')}}`;
}

const bodies: [string, () => string, string][] = [
  ['arrays in arrays', () => repeated('', '['), TOO_LARGE],
  ['objects in objects', () => repeated('', '{"a":'), TOO_LARGE],
  ['empty objects', () => repeated('{"results":[', '{},', '{}]}'), TOO_LARGE],
  ['numbers', () => repeated('{"results":[', '1,', '1]}'), TOO_LARGE],
  ['distinct keys', manyKeys, TOO_LARGE],
  ['one long number', () => repeated('{"results":', '9', '}'), 'listDisks: results: expected array'],
  ['spaces', () => repeated('', ' '), 'listDisks: the response is not JSON (after 5 attempts)'],
];

test.each(bodies)(
  'a body of %s ends in an error within the memory limit',
  { timeout: MINUTE },
  async (_what, make, message) => {
    const body = Buffer.from(make());
    const plain = await readBy(body, {});
    expect(plain).toMatchObject({ name: 'AtlasResponseError', message });
    expect(plain.megabytes).toBeLessThan(MOST_MEGABYTES);
    await atlas?.stop();
    const packed = await readBy(gzipSync(body), { 'content-encoding': 'gzip' });
    expect(packed).toMatchObject({ name: 'AtlasResponseError', message });
    expect(packed.megabytes).toBeLessThan(MOST_MEGABYTES);
  },
);

test('a body of one long name is read without that item', { timeout: MINUTE }, async () => {
  const body = Buffer.from(repeated('{"results":[{"partitionName":"', 'a', '"}]}'));
  const read = await readBy(body, {});
  expect(read).toMatchObject({ name: 'none' });
  expect(read.megabytes).toBeLessThan(MOST_MEGABYTES);
});

test('a large error body gives a short error message', { timeout: MINUTE }, async () => {
  const error = await readBy(Buffer.from(repeated('{"detail":"', 'a', '"}')), {}, 404);
  expect(error).toMatchObject({ name: 'AtlasApiError' });
  expect(error.message).toMatch(
    /^listDisks: a response that is not from Atlas \(it has no error code\): 404 Not Found/,
  );
  expect(error.message.length).toBeLessThanOrEqual(200);
});
