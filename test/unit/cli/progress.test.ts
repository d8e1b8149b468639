import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finishedLine, runningLine } from '../../../cli/progress.ts';
import type { RunSummary } from '../../../cli/run-summary.ts';
import { TotalProgress } from '../../../cli/total-progress.ts';
import { grouped, wrapWords } from '../../../cli/words.ts';
import { NEXT_TICK, NOW, type Resume } from '../../../shared/engine/errors.ts';
import { isProjectId } from '../../../shared/ids.ts';

const RUN: RunSummary = {
  dataset: 'disk_measurements',
  project: '6a793f53c0eb9e7a177137c2',
  outcome: 'continued',
  targets: 3,
  failedTargets: 0,
  remaining: 2,
  rows: 1_200,
  bytes: 9_000,
  gaps: 0,
  requests: 7,
  unreadableItems: 0,
  clusters: { selected: [], deselected: [] },
  throttled: 1,
  lagSeconds: 600,
  failures: [],
};

const PROJECT = '6a793f53c0eb9e7a177137c2';
if (!isProjectId(PROJECT)) throw new Error('not a project id');
const SUBJECT = { kind: 'project', id: PROJECT } as const;

const shown = (resume: Resume) => stripVTControlCharacters(finishedLine(RUN, resume, new Map()));

test.each<[string, Resume, string]>([
  ['that continues at once', NOW, 'continued'],
  ['that leaves the rest to the next tick', NEXT_TICK, 'continued'],
  [
    'that waits for the rate limit',
    { kind: 'at', time: Date.UTC(2026, 2, 2, 14, 41, 9) },
    'continued, waits for the rate limit until 14:41:09 UTC',
  ],
])('the line of a run %s shows when it continues', (_how, resume, end) => {
  expect(shown(resume)).toBe(
    `… disk_measurements     6a793f53c0eb9e7a177137c2 3 targets, 1,200 rows, 7 requests, 1 request refused by the rate limit: ${end}`,
  );
});

const PROGRESS = {
  dataset: 'disk_measurements',
  subject: SUBJECT,
  targets: 1_100,
  done: 120,
  rows: 1,
  requests: 9,
};

test('the lines of runs name their project if its name is known', () => {
  const names = new Map([[PROJECT, 'webshop']]);
  const lines = [finishedLine(RUN, NOW, names), runningLine(PROGRESS, names)].map(stripVTControlCharacters);
  for (const line of lines) expect(line).toMatch(/^… disk_measurements {5}webshop \w/);
});

test('the line of a run that goes on shows how many of its targets are done', () => {
  expect(stripVTControlCharacters(runningLine(PROGRESS, new Map()))).toBe(
    '… disk_measurements     6a793f53c0eb9e7a177137c2 targets 120 of 1,100, 1 row, 9 requests',
  );
});

test('the whole shows the step, the rows of all runs, their rate, and the time left in proportion to the work', () => {
  const total = new TotalProgress();
  expect(total.line(0)).toBe('0 rows, 0 rows/s');
  total.step('hour 1 of 6', 0, 0);
  total.update({ ...PROGRESS, rows: 30_000 });
  expect(total.line(2_000)).toBe('hour 1 of 6: 30,000 rows, 15,000 rows/s');
  total.step('hour 2 of 6', 1 / 6, 6_000);
  total.update({ ...PROGRESS, rows: 20_000, dataset: 'events' });
  expect(total.line(6_000)).toBe('hour 2 of 6: 50,000 rows, 8,333 rows/s, about 30 s left');
  expect(total.line(60_000)).toMatch(/, 0 rows\/s, about 5 min left$/);
});

test('the rows of a finished run count once', () => {
  const total = new TotalProgress();
  total.update({ ...PROGRESS, rows: 1_000 });
  total.finished({ ...RUN, rows: 1_000 });
  total.update({ ...PROGRESS, rows: 200 });
  // A summary contains all runs of its tick.
  total.finished({ ...RUN, rows: 1_200 });
  expect(total.line(0)).toBe('1,200 rows, 0 rows/s');
});

test('a step with an unknown share shows no time left', () => {
  const total = new TotalProgress();
  total.step('history', null, 0);
  expect(total.line(100_000)).toBe('history: 0 rows, 0 rows/s');
});

test('a line that is wrapped keeps every word, and is within the width unless a word is longer', () => {
  const words = fc.array(fc.stringMatching(/^[a-z,:]{1,30}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.integer({ min: 20, max: 80 }), (given, width) => {
      const lines = wrapWords(given.join(' '), width).split('\n');
      expect(lines.join(' ').split(/ +/)).toEqual(given);
      for (const line of lines) {
        expect(line.length <= width || line.trim().split(' ').length === 1).toBe(true);
      }
    }),
  );
});

test('colours do not count as width', () => {
  expect(wrapWords('\u001b[32m✓\u001b[39m one two', 9)).toBe('\u001b[32m✓\u001b[39m one two');
});

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [999_999, '999,999'],
  [12_345_678, '12,345,678'],
])('%i is printed as %s', (number, text) => {
  expect(grouped(number)).toBe(text);
});

test('rows of a run that begins again are added, so that the rate is not negative', () => {
  const total = new TotalProgress();
  const run = { dataset: 'disk_measurements', subject: SUBJECT, targets: 1, done: 0, requests: 1 };
  total.step('2026-03-01', 0, 0);
  total.update({ ...run, rows: 500 });
  expect(total.line(1_000)).toContain('500 rows');
  total.step('2026-03-02', 0.5, 2_000);
  total.update({ ...run, rows: 20 });
  expect(total.line(2_000)).toContain('520 rows, 20 rows/s');
});
