import { describe, expect, test } from 'vitest';
import { UNREADABLE } from '../../../cli/verification/damage.ts';
import { type Decision, RecordedHistory } from '../../../cli/verification/recorded-history.ts';
import { parseRunStatistics } from '../../../shared/engine/run-statistics.ts';

function record(batch: number, isOld: boolean, cursors: string[] = []): Decision {
  const { collected: _, ...first } = parseRunStatistics(null);
  const statistics = isOld ? first : { ...first, collected: { unit: 'project', credential: 'default' } };
  const stored = cursors.map((id) => ({ id, content: {} }));
  return { batch, run: 'run', at: 0, objects: [], cursors: stored, statistics };
}

/** Returns what the lake says: nothing for a record, `old` for one of 0.1.0, `start` for a number that no batch had. */
function decisionOf(batch: number, kind: string | undefined): Decision {
  if (kind === 'start') return { givenUp: [] };
  if (kind === 'dead') return { givenUp: [{ key: 'alerts/dt=2026-03-02/x', sha256: 'x' }] };
  return kind === 'damaged' ? UNREADABLE : record(batch, kind === 'old');
}

/** @param committed the last batch in the cursor table */
function missing(decisions: string, committed: number): string[] {
  const history = new RecordedHistory(committed);
  for (const decision of decisions.split(', ').filter((text) => text !== '')) {
    const [batch, kind] = decision.split(' ');
    history.add(Number(batch), decisionOf(Number(batch), kind));
  }
  history.end();
  return history.missing.map(({ first, count }) => `${first}+${count}`);
}

describe('no number is missing', () => {
  test.each([
    ['without a hole', '10 start, 11, 12 dead, 13', 13],
    ['before the first batch', '10 start', 10],
    ['where a new table starts', '10 start, 11, 12 start, 90 start, 91', 91],
    ['where a new table starts after a batch of a dead run', '10 start, 11 dead, 90 start', 90],
    ['after a new table whose first runs died', '10 start, 11 start, 12 start, 90 start', 90],
    ['after the late mark of a dead first run', '10 start, 50 start, 51', 51],
    ['before the late mark of a dead first run', '10 start, 11, 50 start', 11],
    ['beside a record that cannot be read', '10 start, 11 damaged, 12', 12],
    ['in a lake of 0.1.0', '11 old, 12 old', 12],
    ['where 0.1.0 started a new table', '11 old, 91 old', 91],
    ['where 0.1.0 started a table for a later version', '11 old, 91', 91],
    ['where 0.1.0 started a table that has no batch', '11 old', 90],
    ['if the cursor table is behind', '10 start, 11, 12', 11],
    ['without any record', '', 12],
  ])('%s', (_, decisions, committed) => {
    expect(missing(decisions, committed)).toEqual([]);
  });
});

describe('a number is missing', () => {
  test.each([
    ['between two records', '10 start, 11, 13', 13, '12+1'],
    ['before a batch of a dead run', '10 start, 11, 14 dead', 14, '12+2'],
    ['after a batch of a dead run', '10 start, 11 dead, 13', 13, '12+1'],
    ['between batches of dead runs', '10 start, 11 dead, 13 dead', 13, '12+1'],
    ['after the start', '10 start, 12', 12, '11+1'],
    ['before the first record', '11', 11, '10+1'],
    ['after the last record', '10 start, 11', 13, '12+2'],
    ['before a new table', '10 start, 11, 90 start', 90, '12+1'],
    ['after an upgrade', '11 old, 12, 14', 14, '13+1'],
  ])('%s', (_, decisions, committed, expected) => {
    expect(missing(decisions, committed)).toEqual([expected]);
  });
});

test('the cursors of committed batches are those of their sources, without the parts', () => {
  const history = new RecordedHistory(11);
  history.add(10, decisionOf(10, 'start'));
  history.add(11, record(11, false, ['a#0', 'a#0/0', 'a#1', 'b#0']));
  history.add(12, record(12, false, ['c#0']));
  expect([...history.cursors]).toEqual(['a#0', 'b#0']);
});
