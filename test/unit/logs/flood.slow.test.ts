import { expect, it } from 'vitest';
import { hostLogsDataset } from '../../../functions/host-logs/collector.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { LogHistory, logLine } from './log-history.ts';

const SETTLED = T - 10 * MINUTE;
const BACKFILL = { backfill: 30 * MINUTE };

it('keeps what fits of a second with too many lines, and records it as one gap', async () => {
  const at = SETTLED - MINUTE;
  const after = logLine(SETTLED - SECOND, 'after');
  const flood = Buffer.from(`${logLine(at, 'flood')}\n`.repeat(100_001));
  const log = new LogHistory(hostLogsDataset, 'mongodb', ({ start, end }) =>
    start <= at && end >= at ? flood : after,
  );
  const { rows, gaps } = await log.run(T, BACKFILL);
  expect(rows).toHaveLength(100_001);
  expect(gaps).toEqual([
    {
      from: SETTLED - MINUTE,
      to: SETTLED - MINUTE + SECOND,
      reason: 'more than 100000 lines or 33554432 bytes in one second',
    },
  ]);
  expect((await log.run(T + 5 * MINUTE, BACKFILL)).rows).toEqual([]);
});
