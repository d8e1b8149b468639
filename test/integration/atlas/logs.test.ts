import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../shared/atlas/api.ts';
import { LineSplitter, MAX_LINE } from '../../../shared/atlas/log-lines.ts';
import { errorBody, failureOf, json, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

const LOG = { hostname: 'atlas-abc123-shard-00-00.q1w2e3.mongodb.net', logName: 'mongodb' } as const;
const SPAN = { start: Date.parse('2026-03-02T12:00:00Z'), end: Date.parse('2026-03-02T12:05:00Z') };

/** What each request gets, in turn; the last one also gets what follows. */
let responses: { body: Buffer; headers?: Record<string, string>; cutAt?: number; chunked?: boolean }[];
let atlas: ScriptedAtlas;

beforeEach(async () => {
  atlas = await ScriptedAtlas.start((_request, response, count) => {
    const { body, headers, cutAt, chunked } = responses[Math.min(count, responses.length) - 1] ?? {
      body: Buffer.alloc(0),
    };
    const length = chunked ? {} : { 'content-length': String(body.length) };
    response.writeHead(200, {
      'content-type': 'application/vnd.atlas.2023-02-01+gzip',
      ...length,
      ...headers,
    });
    if (cutAt === undefined) response.end(body);
    else response.write(body.subarray(0, cutAt), () => response.socket?.destroy());
  });
});
afterEach(() => atlas.stop());

/** Returns the lines of the last attempt, and how many attempts there were. */
async function read({ most = Number.POSITIVE_INFINITY } = {}) {
  const attempts: LogLine[][] = [];
  await atlas.session().readLog(PROJECT, LOG, SPAN, () => {
    const lines: LogLine[] = [];
    attempts.push(lines);
    return { add: (line) => lines.push(line) < most };
  });
  return { lines: attempts.at(-1) ?? [], attempts: attempts.length };
}

const texts = (lines: readonly LogLine[]) => lines.map(({ bytes }) => bytes.toString('latin1'));

/** Returns random bytes without line feeds, which gzip cannot shorten much. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return 0x20 + ((state >>> 16) % 90);
    }),
  );
}

describe('reading a log', () => {
  it('requests seconds, gzip as the representation, and no further compression', async () => {
    responses = [{ body: gzipSync('a\nb\n') }];
    expect(texts((await read()).lines)).toEqual(['a', 'b']);
    expect(atlas.requests).toMatchObject([
      {
        url: `/api/atlas/v2/groups/${PROJECT}/clusters/${LOG.hostname}/logs/mongodb.gz?startDate=1772452800&endDate=1772453100`,
        headers: { accept: 'application/vnd.atlas.2025-03-12+gzip', 'accept-encoding': 'identity' },
      },
    ]);
  });

  it.each([
    ['without bytes, as recorded', Buffer.alloc(0), { 'x-uncompressed-content-length': '0' }],
    ['without lines', gzipSync(''), undefined],
  ])('takes a file %s as empty', async (_what, body, headers) => {
    responses = [{ body, ...(headers && { headers }) }];
    expect(await read()).toEqual({ lines: [], attempts: 1 });
  });

  it.each([
    ['a first line', '\uFEFFa\nb\n', ['a', 'b']],
    ['nothing', '\uFEFF', []],
    ['a line without a line feed', '\uFEFFa', ['a']],
    ['a mark, which is a part of the line', '\uFEFF\uFEFFa', ['\xef\xbb\xbfa']],
  ])('removes a byte order mark before %s', async (_what, text, lines) => {
    responses = [{ body: gzipSync(text) }];
    expect(texts((await read()).lines)).toEqual(lines);
  });

  it.each([1, 2, 3, 4])('removes a byte order mark that arrives in pieces of %i bytes', (size) => {
    for (const text of ['\uFEFFa\nb', '\uFEFA\nb', '\uFEFF', '', '\n\uFEFF']) {
      const bytes = Buffer.from(text);
      const lines: string[] = [];
      const splitter = new LineSplitter({ add: (line) => lines.push(line.bytes.toString()) > 0 });
      for (let at = 0; at < bytes.length; at += size) splitter.write(bytes.subarray(at, at + size));
      splitter.end();
      const expected = text.startsWith('\uFEFF') ? text.slice(1) : text;
      expect(lines).toEqual(expected === '' ? [] : expected.split('\n'));
    }
  });

  it('keeps empty lines, the last line without a line feed, and bytes that are no UTF-8', async () => {
    responses = [{ body: gzipSync(Buffer.from('a\n\n\xff\xfe\r\nend', 'latin1')) }];
    expect(texts((await read()).lines)).toEqual(['a', '', '\xff\xfe\r', 'end']);
  });

  it('reads files that consist of several gzip members, and ones that a proxy compressed again', async () => {
    const members = Buffer.concat([gzipSync('a\nhal'), gzipSync('f\n')]);
    responses = [{ body: gzipSync(members), headers: { 'content-encoding': 'gzip' } }];
    expect(texts((await read()).lines)).toEqual(['a', 'half']);
  });

  it('keeps the beginning, length and hash of a line that is longer than the limit', async () => {
    const long = noise(MAX_LINE + 5);
    responses = [{ body: gzipSync(Buffer.concat([long, Buffer.from('\n'), noise(MAX_LINE)])) }];
    const { lines } = await read();
    expect(lines.map(({ bytes, length }) => [bytes.length, length])).toEqual([
      [MAX_LINE, MAX_LINE + 5],
      [MAX_LINE, MAX_LINE],
    ]);
    expect(new Set(lines.map(({ digest }) => digest.toString('hex'))).size).toBe(2);
  });

  it('stops when the reader needs no more, without an error and without another attempt', async () => {
    const body = gzipSync(Buffer.concat([Buffer.from('a\nb\nc\n'), noise(3_000_000)]));
    responses = [{ body, cutAt: body.length - 10 }];
    expect(await read({ most: 2 })).toMatchObject({ lines: [{ length: 1 }, { length: 1 }], attempts: 1 });
  });
});

describe('a response that is not whole', () => {
  const whole = gzipSync(Buffer.concat([Buffer.from('first\n'), noise(200_000), Buffer.from('\nlast\n')]));

  it.each([
    ['shorter than its Content-Length', { body: whole, cutAt: whole.length - 1 }],
    ['without its last chunk', { body: whole, cutAt: whole.length, chunked: true }],
    ['that ends within the file, as a whole response', { body: whole.subarray(0, -9) }],
    ['with a wrong checksum', { body: Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)]) }],
    [
      'that is empty and HTML',
      { body: Buffer.alloc(0), headers: { 'content-type': 'text/html; charset=utf-8' } },
    ],
    ['that is empty and of no type', { body: Buffer.alloc(0), headers: { 'content-type': '' } }],
    ['that is compressed HTML', { body: gzipSync('<html>'), headers: { 'content-type': 'Text/HTML' } }],
    ['that is HTML', { body: Buffer.from('<html>Try again later.</html>') }],
    [
      'without the bytes that its header promises',
      { body: Buffer.alloc(0), headers: { 'x-uncompressed-content-length': '7' } },
    ],
  ])('%s is read again from the beginning, with a new reader', async (_what, broken) => {
    responses = [broken, broken, { body: whole }];
    const { lines, attempts } = await read();
    expect([texts(lines).at(0), texts(lines).at(-1), attempts]).toEqual(['first', 'last', 3]);
    responses = [broken];
    expect(await failureOf(read())).toMatchObject({ name: 'AtlasResponseError', problem: 'incomplete' });
  });

  it('is too large if it has more bytes than a log of the span could have', async () => {
    const tenth = gzipSync(Buffer.alloc(30_000_000), { level: 1 });
    responses = [{ body: Buffer.concat(Array.from({ length: 10 }, () => tenth)) }];
    expect(await failureOf(read())).toMatchObject({ problem: 'too-large', attempts: 1 });
  });
});

describe('a reader', () => {
  it('that fails ends the operation with its own error', async () => {
    responses = [{ body: gzipSync('a\n') }];
    const mistake = new TypeError('a bug');
    const failing = atlas.session().readLog(PROJECT, LOG, SPAN, () => ({
      add: () => {
        throw mistake;
      },
    }));
    expect(await failureOf(failing)).toBe(mistake);
    expect(atlas.requests).toHaveLength(1);
  });
});

it("throws Atlas's error for a host that does not exist", async () => {
  await atlas.stop();
  atlas = await ScriptedAtlas.start((_request, response) =>
    json(response, 404, errorBody(404, 'HOST_NOT_FOUND')),
  );
  expect(await failureOf(read())).toMatchObject({ status: 404, errorCode: 'HOST_NOT_FOUND' });
});
