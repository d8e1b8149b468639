import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../shared/lake/redaction.ts';
import { rowEncoder, wholeLine } from '../../../shared/lake/row-encoder.ts';
import { type AnyRow, defineTable, type Table } from '../../../shared/lake/table.ts';

const table = defineTable({
  name: 'things',
  description: 'Things.',
  columns: [
    { name: 'name', type: 'string', description: 'The name.' },
    { name: 'ts', type: 'timestamp', description: 'The time.' },
  ],
  naturalKey: ['name', 'ts'],
  partitionedBy: 'day',
});
const wide = defineTable({
  ...table,
  columns: [...table.columns, { name: 'note', type: 'string', description: 'A note.' }],
});
const encoderOf = (declared: Table) => {
  const encode = rowEncoder(declared, new Redactor({}, null));
  return (row: AnyRow) => wholeLine(encode(row));
};
const ts = Date.parse('2026-03-02T12:00:00.005Z');

describe('rowEncoder', () => {
  it('writes one line, whatever the text contains', () => {
    const name = 'a\nb\r\u0000\u2028"\\\u{1f600}';
    const line = encoderOf(table)({ name, ts });
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({ name, ts: '2026-03-02 12:00:00.005' });
  });

  it('writes half of a surrogate pair as U+FFFD', () => {
    const encode = encoderOf(table);
    expect(JSON.parse(encode({ name: 'a\ud800b', ts }))).toMatchObject({ name: 'a\ufffdb' });
    expect(JSON.parse(encode({ name: '\udc00', ts }))).toMatchObject({ name: '\ufffd' });
  });

  it('writes the values of each row, whatever the previous rows had', () => {
    const rows = fc.array(fc.record({ name: fc.constantFrom('a', 'b'), ts: fc.constantFrom(ts, ts + 1) }));
    fc.assert(
      fc.property(rows, (some) => {
        const encode = encoderOf(table);
        const time = (at: number) => (at === ts ? '2026-03-02 12:00:00.005' : '2026-03-02 12:00:00.006');
        for (const { name, ts: at } of some) {
          expect(encode({ name, ts: at })).toBe(`{"name":"${name}","ts":"${time(at)}"}\n`);
        }
      }),
    );
  });

  it('rejects a row that lacks a column, and continues with the next one', () => {
    const encode = encoderOf(wide);
    encode({ name: 'a', ts, note: 'x' });
    encode({ name: 'a', ts, note: 'y' });
    expect(() => encode({ name: 'b', ts })).toThrow('a row of things lacks the column note');
    expect(JSON.parse(encode({ name: 'b', ts, note: 'x' }))).toMatchObject({ name: 'b', note: 'x' });
  });
});
