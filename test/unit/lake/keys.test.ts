import { describe, expect, test } from 'vitest';
import type { ProjectId } from '../../../shared/ids.ts';
import { timestampFormatter, utcDay } from '../../../shared/lake/format.ts';
import { dayOfKey, objectKey, parseObjectKey } from '../../../shared/lake/keys.ts';
import { Redactor } from '../../../shared/lake/redaction.ts';
import { rowEncoder, wholeLine } from '../../../shared/lake/row-encoder.ts';
import { type AnyRow, defineTable } from '../../../shared/lake/table.ts';
import { lakeTime } from '../../support/times.ts';

const project = '6a793f53c0eb9e7a177137c2' as ProjectId;

describe('keys', () => {
  const name = {
    table: 'disk_measurements',
    day: '2026-03-02',
    subject: project,
    dataset: 'disk_measurements',
    batch: 42,
    part: 0,
  };
  const key = objectKey({ ...name, compression: 'gzip' });

  test('contain table, day, project, dataset, batch and part', () => {
    expect(key).toBe(
      'disk_measurements/dt=2026-03-02/6a793f53c0eb9e7a177137c2-disk_measurements-0000000042-0.json.gz',
    );
  });

  test('end in the suffix of their compression, and are read again', () => {
    const zstd = objectKey({ ...name, compression: 'zstd' });
    expect(zstd).toBe(key.replace(/gz$/, 'zst'));
    expect([key, zstd].map(parseObjectKey)).toEqual([name, name]);
  });

  test('return their day', () => {
    expect(dayOfKey(key)).toBe('2026-03-02');
    expect(dayOfKey('something/else.json.gz')).toBeUndefined();
  });
});

describe('values', () => {
  test('timestamps are UTC with milliseconds, as Hive and DuckDB read them', () => {
    const format = timestampFormatter();
    expect(format(Date.UTC(2026, 2, 2, 23, 59, 59, 7))).toBe('2026-03-02 23:59:59.007');
    expect(format(Date.UTC(2026, 2, 3))).toBe('2026-03-03 00:00:00.000');
    expect(format(-1)).toBe('1969-12-31 23:59:59.999');
    for (let instant = Date.UTC(2024, 1, 28); instant < Date.UTC(2024, 2, 2); instant += 977_777) {
      expect(format(instant)).toBe(lakeTime(instant));
    }
    expect(utcDay(Date.UTC(2026, 2, 2, 23, 59, 59, 999))).toBe('2026-03-02');
  });

  test('a row is one line with the columns in their declared order, whatever the order of the row', () => {
    const table = defineTable({
      name: 't',
      description: '',
      columns: [
        { name: 'text', type: 'string', nullable: true, description: '' },
        { name: 'ts', type: 'timestamp', description: '' },
        { name: 'number', type: 'double', description: '' },
        { name: 'flag', type: 'boolean', description: '' },
      ],
      naturalKey: ['ts'],
      partitionedBy: 'day',
    });
    const lines = rowEncoder(table, new Redactor({}, null));
    const encode = (row: AnyRow) => wholeLine(lines(row));
    expect(encode({ flag: true, number: 1045, ts: 0, text: 'a "b"\n\u2028' })).toBe(
      '{"text":"a \\"b\\"\\n\u2028","ts":"1970-01-01 00:00:00.000","number":1045,"flag":true}\n',
    );
    expect(encode({ flag: false, number: 0.1, ts: 0, text: null })).toContain('"text":null');
    expect(() => encode({ flag: true, number: 1, ts: 0 })).toThrow('a row of t lacks the column text');
  });
});
