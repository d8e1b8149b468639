import { describe, expect, test, vi } from 'vitest';
import { fingerprint } from '../../../functions/alerts/fingerprint.ts';
import { redacted } from '../../../functions/alerts/redaction.ts';
import { readResource } from '../../../functions/inventory/content.ts';
import { asNumber, parseExact } from '../../../shared/atlas/exact-json.ts';
import { alert } from '../../../shared/atlas/schemas/alerts.ts';

const UNCHANGED = [
  '0',
  '-0',
  '1',
  '1.0',
  '100000000000000000000',
  '1e21',
  '0.1',
  '0.30000000000000004',
  '9007199254740992',
  '1.50E+300',
  '-5e-324',
  '0e999',
  '-0.0e-400',
];
const LONG = [
  '9007199254740993',
  '-9223372036854775808',
  '18446744073709551615',
  '0.12345678901234567890',
  '1e400',
  '-1e999',
  '1E+1000',
  '123456789012345e300',
  '1e-400',
  '-0.7e-324',
  '1.7e-323',
];

describe('parseExact', () => {
  test.each(LONG)('keeps the digits of %s at any place', (number) => {
    const text = `{"a":${number},"b":[${number},{"c":${number}}],"d":"${number}","e":12345678901234567000}`;
    expect(JSON.stringify(parseExact(text))).toBe(text);
  });

  test('keeps the digits of a document that is a number', () => {
    expect(JSON.stringify(parseExact('1e400'))).toBe('1e400');
    expect(JSON.stringify(parseExact('[1,\n-1e400]'))).toBe('[1,-1e400]');
  });

  test('parses a document with hexadecimal ids quickly, although they look like exponents', () => {
    const parse = vi.spyOn(JSON, 'parse');
    expect(parseExact('{"id":"6a793f5cc0eb9e7a1e714712","n":1.5e10}')).toEqual({
      id: '6a793f5cc0eb9e7a1e714712',
      n: 1.5e10,
    });
    expect(parse).toHaveBeenCalledExactlyOnceWith('{"id":"6a793f5cc0eb9e7a1e714712","n":1.5e10}');
    parse.mockRestore();
  });

  test.each(UNCHANGED)('reads %s as a plain number', (number) => {
    const text = `{"a":${number},"b":"12345678901234567890"}`;
    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  test('keeps fields as numbers that are read as numbers', () => {
    const text = `{"id":"6a793f5cc0eb9e7a177147ec","status":"OPEN","eventTypeName":"X","created":"2026-03-02T12:00:00Z","currentValue":{"number":9007199254740993,"units":"RAW"}}`;
    const result = alert.read(parseExact(text));
    if (!('value' in result)) throw new Error('the alert is unreadable');
    const { value: read } = result;
    expect(read.currentValue).toBe(9007199254740992);
    expect(JSON.stringify(read.document)).toBe(text);
    expect(asNumber('x')).toBe('x');
  });

  test('returns numbers that redaction and fingerprints keep and distinguish', () => {
    const [first, second] = ['9007199254740993', '9007199254740992'].map((number) =>
      parseExact(`{"id":"x","size":{"bytes":${number}},"apiKey":{"id":${number}}}`),
    );
    expect(JSON.stringify(redacted(first))).toBe(
      '{"id":"x","size":{"bytes":9007199254740993},"apiKey":"[redacted]"}',
    );
    expect(fingerprint(first, 8)).not.toBe(fingerprint(second, 8));
    const type = { id: 'id' } as Parameters<typeof readResource>[0];
    const [one, two] = [first, second].map((document) => readResource(type, new Map(), Object(document)));
    expect(one).toMatchObject({
      document: '{"id":"x","size":{"bytes":9007199254740993},"apiKey":{"id":"[redacted]"}}',
    });
    expect(one && 'hash' in one && one.hash).not.toBe(two && 'hash' in two && two.hash);
  });
});
