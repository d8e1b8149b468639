import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLine } from '../../../functions/slow-queries/log-line.ts';
import { T } from '../../support/times.ts';

/** Planted wherever a line can hold a value. */
const SECRET = 'ann.smith@example.com';
const NUMBER = 4111111111111111;

const SECRETS = /ann|smith|example|4111|1957/i;

/** A line with a secret in every place of it that is not a name or an operator. */
const PLANTED = {
  t: { $date: '2026-03-02T12:00:00.123+00:00' },
  s: SECRET,
  c: SECRET,
  id: SECRET,
  svc: SECRET,
  ctx: `conn${SECRET}`,
  msg: `Slow query ${SECRET}`,
  tags: [SECRET],
  attr: {
    type: SECRET,
    ns: `shop.${SECRET}`,
    collectionType: SECRET,
    appName: SECRET,
    remote: SECRET,
    client: SECRET,
    user: SECRET,
    effectiveUsers: [{ user: SECRET, db: 'admin' }],
    errMsg: `E11000 duplicate key error dup key: { email: "${SECRET}" }`,
    errName: SECRET,
    error: { code: NUMBER, errmsg: SECRET },
    errCode: SECRET,
    queryHash: SECRET,
    planCacheKey: SECRET,
    planSummary: `IXSCAN { "${SECRET}": 1, born: "${SECRET}" }, COLLSCAN ${SECRET}`,
    keysExamined: SECRET,
    docsExamined: { value: NUMBER },
    hasSortStage: SECRET,
    durationMillis: SECRET,
    locks: { Global: { acquireCount: { r: NUMBER }, [SECRET]: SECRET } },
    storage: { data: { bytesRead: SECRET, [SECRET]: NUMBER }, [SECRET]: SECRET },
    cursorid: NUMBER,
    readConcern: { level: SECRET, afterClusterTime: { $timestamp: { t: NUMBER, i: 1 } } },
    somethingNew: { deeply: [{ nested: SECRET }] },
    command: {
      find: SECRET,
      filter: {
        email: SECRET,
        card: NUMBER,
        [SECRET]: true,
        'tel.1957040512345': 1,
        '1957040512345': 1,
        $comment: SECRET,
        born: { $date: '1957-04-05T00:00:00Z' },
        _id: { $oid: '411141114111411141114111' },
        key: { $binary: { base64: Buffer.from(SECRET).toString('base64'), subType: SECRET } },
        name: { $regularExpression: { pattern: SECRET, options: SECRET } },
        like: { $regex: `^${SECRET}`, $options: 'i' },
        $or: [{ a: SECRET }, { a: { $in: [SECRET, NUMBER, null, true, [SECRET]] } }],
        $expr: { $eq: ['$email', SECRET], $and: [{ $gt: [NUMBER, '$age'] }] },
        $where: `this.email == "${SECRET}"`,
        $text: { $search: SECRET, $language: SECRET },
        $jsonSchema: { properties: { email: { enum: [SECRET] } } },
        home: { $geoWithin: { $centerSphere: [[NUMBER, 1957], 1957] } },
      },
      sort: { ts: -1, [SECRET]: 1, score: { $meta: SECRET } },
      hint: SECRET,
      comment: SECRET,
      let: { who: SECRET },
      lsid: { id: { $uuid: SECRET } },
      $clusterTime: { signature: { hash: SECRET, keyId: NUMBER } },
      $db: SECRET,
      $audit: { $impersonatedUser: { user: SECRET } },
      $client: { application: { name: SECRET } },
      pipeline: [
        { $match: { email: SECRET } },
        { $sort: { [SECRET]: -1, ts: 1 } },
        {
          $lookup: {
            from: SECRET,
            let: { e: SECRET },
            pipeline: [{ $match: { $expr: { $eq: [SECRET, '$x'] } } }],
          },
        },
        { $project: { x: { $literal: SECRET }, y: { $concat: [SECRET, '$name'] } } },
        { $search: { index: SECRET, text: { query: SECRET, path: SECRET } } },
      ],
      documents: [{ email: SECRET }, SECRET],
      updates: [
        {
          q: { email: SECRET },
          u: { $set: { email: SECRET, 'a.$[e].b': SECRET } },
          arrayFilters: [{ e: SECRET }],
        },
      ],
    },
    originatingCommand: { aggregate: SECRET, pipeline: [{ $match: { email: SECRET } }] },
  },
  truncated: { command: { filter: { email: { type: SECRET, size: NUMBER } } } },
  size: { command: NUMBER },
};

/** Everything that is stored of a line if literal values are redacted. */
function stored(line: string): string {
  const { details, redacted } = readLine(line, T);
  const { appName: _, ...rest } = details;
  return JSON.stringify(rest) + redacted;
}

describe('a redacted line', () => {
  it('has no literal value from any place of the line', () => {
    expect(stored(JSON.stringify(PLANTED))).not.toMatch(SECRETS);
  });

  it('has none if the line is cut off anywhere, or broken', () => {
    const line = JSON.stringify(PLANTED);
    for (let length = 0; length < line.length; length += 7) {
      expect(stored(line.slice(0, length))).not.toMatch(SECRETS);
      expect(stored(`${line.slice(0, length)}…`)).not.toMatch(SECRETS);
      expect(stored(`${line.slice(0, length)}}}}}`)).not.toMatch(SECRETS);
    }
  });

  it('has none of a line in plain text, of another document, or beyond any length', () => {
    const plain = `2026-03-02T12:00:00.123+0000 I  COMMAND  [conn1] command shop.orders command: find { email: "${SECRET}" } 1957ms`;
    const long = JSON.stringify({ attr: { command: { filter: SECRET.repeat(20_000) } } });
    for (const line of [plain, `["${SECRET}"]`, `"${SECRET}"`, `{"attr":"${SECRET}"}`, long])
      expect(stored(line)).not.toMatch(SECRETS);
  });

  it('has no text and no number of any command, and never fails', () => {
    const value = fc.oneof(
      fc.string({ minLength: 1 }).map((text) => `§${text}`),
      fc.integer({ min: 10_000_000 }),
    );
    const command = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        value,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(
          fc.oneof(fc.constantFrom('a', '$in', 'sort', '$expr', '__proto__'), value.map(String)),
          tie('node'),
          {
            maxKeys: 4,
          },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(command, (made) => {
        const text = stored(
          JSON.stringify({ attr: { command: { x: made }, planSummary: JSON.stringify(made) } }),
        );
        expect(text).not.toMatch(/§|\d{7}/);
      }),
    );
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => typeof readLine(line, T) === 'object'));
  });

  it('keeps fields, operators, order of a sort, plan, counts and hashes', () => {
    const line =
      '{"t":{"$date":"2026-03-02T12:00:00.123+00:00"},"s":"I",  "c":"COMMAND",  "id":51803,   "ctx":"conn1754","msg":"Slow query","attr":{"type":"command","ns":"shop.orders","appName":"shop","command":{"find":"orders","filter":{"status":{"$in":["open","paid"]},"items.0.sku":"a-1","ts":{"$gte":{"$date":"2026-03-01T00:00:00Z"}}},"sort":{"ts":-1},"limit":20,"lsid":{"id":1},"$db":"shop"},"planSummary":"IXSCAN { status: 1, items.sku: 1, ts: -1 }, IXSCAN { $**: 1 }","keysExamined":10,"docsExamined":9,"hasSortStage":true,"nreturned":5,"queryHash":"2B1C4A90","planCacheKey":"9E3D77F1","storage":{"data":{"bytesRead":7}},"remote":"10.0.0.1:27","durationMillis":412}}';
    const { details, redacted } = readLine(line, Date.parse('2026-03-02T12:00:00.123Z'));
    const command = {
      find: '?string',
      filter: { status: { $in: ['?string'] }, 'items.0.sku': '?string', ts: { $gte: '?date' } },
      sort: { ts: -1 },
      limit: '?number',
    };
    const plan = 'IXSCAN { status: 1, items.sku: 1, ts: -1 }, IXSCAN { $**: 1 }';
    expect(details).toEqual({
      duration: 412,
      plan,
      shape: JSON.stringify(command),
      queryHash: '2B1C4A90',
      planCacheKey: '9E3D77F1',
      hasSortStage: true,
      appName: 'shop',
    });
    expect(JSON.parse(redacted)).toEqual({
      t: { $date: '2026-03-02T12:00:00.123Z' },
      s: 'I',
      c: 'COMMAND',
      id: 51803,
      ctx: 'conn1754',
      msg: 'Slow query',
      attr: {
        type: 'command',
        command,
        planSummary: plan,
        keysExamined: 10,
        docsExamined: 9,
        nreturned: 5,
        durationMillis: 412,
        hasSortStage: true,
        queryHash: '2B1C4A90',
        planCacheKey: '9E3D77F1',
        storage: { data: { bytesRead: 7 } },
      },
    });
  });

  it('has the shape of the command that opened the cursor, for a further batch', () => {
    const attr = {
      command: { getMore: 1, collection: 'c' },
      originatingCommand: { find: 'c', filter: { a: 1 } },
    };
    expect(readLine(JSON.stringify({ attr }), T).details.shape).toBe(
      '{"find":"?string","filter":{"a":"?number"}}',
    );
  });

  it.each([
    ['COLLSCAN', 'COLLSCAN'],
    ['IXSCAN { a: 1 },IXSCAN { loc: "2dsphere" }', 'IXSCAN { a: 1 }, IXSCAN { loc: "2dsphere" }'],
    ['IXSCAN { a.$**: 1 }', 'IXSCAN { a.$**: 1 }'],
    ['SOMETHING_NEW { a: 1 }', '?'],
    ['COLLSCAN and more', '?'],
    ['IXSCAN { x y: 1, z: 7 }', 'IXSCAN { ?field: 1, z: ? }'],
    ['', ''],
  ])('has the plan %j as %j', (summary, plan) => {
    expect(readLine(JSON.stringify({ attr: { planSummary: summary } }), T).details.plan).toBe(plan);
  });
});
