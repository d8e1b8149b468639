import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { finishedLine } from '../../../cli/progress.ts';
import type { RunSummary } from '../../../cli/run-summary.ts';
import { NEXT_TICK, NOW, type Resume } from '../../../shared/engine/errors.ts';

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
  throttled: 1,
  lagSeconds: 600,
  failures: [],
};

const shown = (resume: Resume) => stripVTControlCharacters(finishedLine(RUN, resume));

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
    `… disk_measurements     6a793f53c0eb9e7a177137c2 3 targets, 1200 rows, 7 requests: ${end}`,
  );
});
