import { expect, test } from 'vitest';
import { diskMeasurements } from '../../../functions/disk-measurements/dataset.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { isProjectId, type ProjectId } from '../../../shared/ids.ts';

const PROJECT = projectId('6a793f53c0eb9e7a177137c2');
const MARK = Date.parse('2026-03-02T16:35:00Z');
const settings = (granularity: 'PT5M' | 'PT1H') => ({
  settle: 600_000,
  backfill: 3_600_000,
  granularity,
});

/** What a run under one granularity stores that was given `stored`, and reads nothing. */
function passedOn(granularity: 'PT5M' | 'PT1H', stored: { content: Document; mark: number } | null) {
  return diskMeasurements.collector(settings(granularity), 'project').open((collector) => {
    const first = collector.firstState(
      { project: PROJECT, owner: 'h:27017', name: 'data' },
      { tick: MARK + 3_600_000, now: MARK + 3_600_000 },
    );
    const states = stored
      ? collector.decode(stored.content, new Map([['data', stored.mark]]), collector.stateVersion)
      : new Map([['data', first]]);
    return { content: collector.encode(states), mark: states.get('data')?.mark ?? 0 };
  });
}

test('a granularity that is tried and taken back does not move the mark: nothing is read twice', () => {
  const fine = passedOn('PT5M', null);
  expect(fine.mark).toBe(MARK);
  const coarse = passedOn('PT1H', fine);
  expect(coarse.mark).toBe(MARK);
  expect(passedOn('PT5M', coarse).mark).toBe(MARK);
});

function projectId(text: string): ProjectId {
  if (!isProjectId(text)) throw new Error('not a project id');
  return text;
}
