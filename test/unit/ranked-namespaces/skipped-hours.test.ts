import { expect, test } from 'vitest';
import { rankedNamespacesDataset } from '../../../functions/ranked-namespaces/collector.ts';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import { projectNumber } from '../../support/committed-lake.ts';
import { targetOf } from '../../support/target.ts';
import { T } from '../../support/times.ts';

test('hours that are skipped leave a gap, and so do hours before them whose measurements fail', async () => {
  const subject = { kind: 'project', id: projectNumber(1) } as const;
  await rankedNamespacesDataset.withCollector(
    rankedNamespacesDataset.defaults,
    subject,
    async (collector) => {
      const first = collector.firstState({ tick: T, now: T }, SELF);
      const failed = T - 5 * HOUR;
      const state = { ...first, watermark: T, failing: new Map([[failed, failed + HOUR]]) };
      const now = T + 10 * DAY;
      const step = collector.nextStep(targetOf(state, { source: 'host:27017', listingAt: now }), {
        ...{ tick: now, now },
      });
      // This step sends no request.
      const result = await step?.({} as AtlasSession, () => now);
      expect(result?.gaps.map(({ from, to }) => ({ from, to }))).toEqual([
        { from: failed, to: failed + HOUR },
        { from: T, to: result?.state.watermark },
      ]);
      expect(result?.state).toMatchObject({ failing: new Map() });
    },
  );
});
