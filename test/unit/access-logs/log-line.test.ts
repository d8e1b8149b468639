import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLogLine } from '../../../functions/access-logs/log-line.ts';

const NOTHING = { time: null, mechanism: null, appName: null, driverName: null, driverVersion: null };

describe('a log line', () => {
  it('of MongoDB 4.4 to 6.0 has time and mechanism', () => {
    const line =
      '{"t":{"$date":"2026-03-02T02:38:56.454+00:00"},"s":"I",  "c":"ACCESS",   "id":20429,   "ctx":"conn1754","msg":"Successfully authenticated","attr":{"client":"10.1.2.3:39662","mechanism":"MONGODB-X509","user":"CN=jobs","db":"$external"}}';
    expect(parseLogLine(line)).toEqual({
      ...NOTHING,
      time: Date.UTC(2026, 2, 2, 2, 38, 56, 454),
      mechanism: 'MONGODB-X509',
    });
  });

  it('of later versions also has details of the client', () => {
    const doc = { application: { name: 'shop' }, driver: { name: 'nodejs', version: '6.19.0' } };
    const line = JSON.stringify({
      t: { $date: '2026-03-02T03:38:56.454+01:00' },
      attr: { mechanism: 'SCRAM-SHA-256', doc },
    });
    expect(parseLogLine(line)).toEqual({
      time: Date.UTC(2026, 2, 2, 2, 38, 56, 454),
      mechanism: 'SCRAM-SHA-256',
      appName: 'shop',
      driverName: 'nodejs',
      driverVersion: '6.19.0',
    });
  });

  it.each([
    null,
    '',
    '2019-03-09T03:28:20.123+0000 I  ACCESS   [conn1] Successfully authenticated as principal u on admin',
    '{"t":{"$date":"2026-03-02T02:38:56.454+00:00"},"attr":{"mechanism":"SCR',
    '[]',
    '{"t":7,"attr":[null]}',
    `{"attr":{"mechanism":"${'x'.repeat(70_000)}"}}`,
    '{"__proto__":{"t":{"$date":"2026-03-02T02:38:56.454+00:00"}},"attr":{"doc":"driver"}}',
  ])('that is missing, plain text, truncated or of another shape has no details: %.40s', (line) => {
    expect(parseLogLine(line)).toEqual(NOTHING);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => typeof parseLogLine(line) === 'object'),
    );
  });
});
