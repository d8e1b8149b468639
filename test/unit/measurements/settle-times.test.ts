import { expect, test } from 'vitest';
import { databaseMeasurementsDeclaration } from '../../../functions/database-measurements/declaration.ts';
import { diskMeasurementsDeclaration } from '../../../functions/disk-measurements/declaration.ts';
import { processMeasurementsDeclaration } from '../../../functions/process-measurements/declaration.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { settledPoints } from '../../../simulator/series.ts';
import { MINUTE, SECOND } from '../../../simulator/time.ts';
import { targetsOf } from '../../support/expected-rows.ts';
import { T } from '../../support/times.ts';

const OFFSETS = [0, 1, 30, 59];

/** Hosts that stamp points at different seconds. Each has targets that report at different times. */
const organisation = createOrganisation({
  projects: [
    {
      name: 'lags',
      clusters: OFFSETS.map((seconds) => ({
        name: `c${seconds}`,
        nodes: [{ offset: seconds * SECOND }, { offset: seconds * SECOND, stampsDrift: seconds === 0 }],
        databases: Array.from({ length: 5 }, (_, number) => `db${number}`),
        disks: Array.from({ length: 5 }, (_, number) => `disk${number}`),
      })),
    },
  ],
  databaseSampling: MINUTE,
  processSeries: ['CONNECTIONS'],
  provisional: 'corrected',
});

const INTERVALS = { PT10S: 10 * SECOND, PT1M: MINUTE, PT5M: 5 * MINUTE };

test.each([
  ['database_measurements', databaseMeasurementsDeclaration, ['PT5M', 'PT1M']],
  ['disk_measurements', diskMeasurementsDeclaration, ['PT1M', 'PT5M', 'PT10S']],
  ['process_measurements', processMeasurementsDeclaration, ['PT1M', 'PT5M', 'PT10S']],
] as const)(
  'values of %s are final when they are first read, at the longest recorded lag',
  (table, { defaults }, granularities) => {
    const reserves = granularities.flatMap((granularity) => {
      const interval = INTERVALS[granularity];
      const step = Math.max(interval, MINUTE);
      return targetsOf(organisation, { table, granularity, interval, settle: 0 }).flatMap((target) =>
        settledPoints(organisation, target, granularity, T, T + 20 * MINUTE)
          .filter(({ value }) => value !== null)
          .map(({ timestamp, visibleFrom }) => {
            // A window ends at a whole step. A timestamp may also be earlier than its interval.
            const windowEnd = (Math.floor(timestamp / step) + 1) * step;
            return Math.max(windowEnd, timestamp + interval - 59 * SECOND) + defaults.settle - visibleFrom;
          }),
      );
    });
    const least = reserves.reduce((a, b) => Math.min(a, b));
    expect(least).toBeGreaterThanOrEqual(0);
    // A longer settle time would only make values older.
    expect(least).toBeLessThan(MINUTE);
  },
);
