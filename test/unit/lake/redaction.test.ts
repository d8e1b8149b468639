import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { needsKey, RedactionKeyError, Redactor } from '../../../shared/lake/redaction.ts';
import { rowEncoder, wholeLine } from '../../../shared/lake/row-encoder.ts';
import { defineTable } from '../../../shared/lake/table.ts';

const table = defineTable({
  name: 'visits',
  description: '',
  columns: [
    { name: 'ts', type: 'timestamp', description: '' },
    { name: 'visitor', type: 'string', nullable: true, description: '' },
    { name: 'line', type: 'string', nullable: true, description: '' },
    { name: 'id', type: 'string', fingerprintOf: 'line', description: '' },
  ],
  naturalKey: ['id'],
  partitionedBy: 'day',
});
const row = { ts: 0, visitor: 'ann', line: 'ann was here', id: 'abc' };
const hmac = (value: string) => createHmac('sha256', 'key').update(value).digest('hex');
const written = (
  rules: Record<string, 'drop' | 'hash'>,
  values: typeof row | (Omit<typeof row, 'visitor'> & { visitor: null }) = row,
) => JSON.parse(wholeLine(rowEncoder(table, new Redactor({ visits: rules }, 'key'))(values)));

describe('a redacted column', () => {
  it('is dropped or replaced by a keyed hash, and the others stay', () => {
    expect(written({})).toMatchObject({ visitor: 'ann', line: 'ann was here', id: 'abc' });
    expect(written({ visitor: 'drop' })).toMatchObject({ visitor: null, line: 'ann was here', id: 'abc' });
    expect(written({ visitor: 'hash' })).toMatchObject({ visitor: hmac('ann'), id: 'abc' });
    expect(written({ visitor: 'hash' }, { ...row, visitor: null })).toMatchObject({ visitor: null });
  });

  it.each(['drop', 'hash'] as const)('has a keyed fingerprint: %s', (rule) => {
    expect(written({ line: rule })).toMatchObject({
      id: hmac('abc'),
      line: rule === 'drop' ? null : hmac(row.line),
    });
  });

  it('needs a key for hashes, and for fingerprints of dropped columns', () => {
    expect(needsKey({ visits: { visitor: 'drop' } }, [table])).toBe(false);
    expect(needsKey({ visits: { visitor: 'hash' } }, [table])).toBe(true);
    expect(needsKey({ visits: { line: 'drop' } }, [table])).toBe(true);
    expect(needsKey({ others: { line: 'hash' } }, [table])).toBe(false);
    expect(() => rowEncoder(table, new Redactor({ visits: { visitor: 'hash' } }, null))).toThrow(
      RedactionKeyError,
    );
  });
});
