import fc from 'fast-check';
import type { Config, LogSettings, RankedNamespaceSettings, Settings } from '../history.ts';

/** Generates settings of datasets. A deployment changes settings and may disable a dataset. */

const enabled = fc.oneof(
  { weight: 12, arbitrary: fc.constant(true) },
  { weight: 1, arbitrary: fc.constant(false) },
);

/** Chooses the default in three of four cases. */
function usually(usual: number, range: { min: number; max: number }): fc.Arbitrary<number> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.integer(range) });
}

/** @param settle the default, minutes: with less, values could still change */
function settings(settle: number, granularities: readonly Settings['granularity'][]): fc.Arbitrary<Settings> {
  return fc.record({
    enabled,
    granularity: fc.constantFrom(...granularities),
    settle: usually(settle, { min: settle, max: 60 }),
    backfill: fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 0, max: 240 }) },
      { weight: 1, arbitrary: fc.integer({ min: 240, max: 3100 }) },
    ),
  });
}

const logSettings: fc.Arbitrary<LogSettings> = fc.record({
  enabled,
  settle: usually(2, { min: 2, max: 40 }),
  backfill: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 240 }) },
    { weight: 1, arbitrary: fc.integer({ min: 240, max: 8 * 24 * 60 }) },
  ),
  overlap: usually(10, { min: 0, max: 15 }),
});

/** Each hour of a process costs one request, and one more for each measured namespace. */
const rankedNamespaceSettings: fc.Arbitrary<RankedNamespaceSettings> = fc.record({
  enabled,
  settle: usually(20, { min: 8, max: 90 }),
  backfill: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 8 * 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 8 * 60, max: 9 * 24 * 60 }) },
  ),
  namespaces: fc.integer({ min: 0, max: 2 }),
});

export const config: fc.Arbitrary<Config> = fc.record({
  databases: settings(7, ['PT5M', 'PT5M', 'PT5M', 'PT1H', 'PT1M']),
  disks: settings(2, ['PT5M', 'PT5M', 'PT1H', 'PT1H']),
  logs: logSettings,
  alerts: fc.record({ enabled }),
  rankedNamespaces: rankedNamespaceSettings,
  excludesSecond: fc.oneof(
    { weight: 6, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});
