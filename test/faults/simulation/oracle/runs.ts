import * as z from 'zod';
import { declarations } from '../../../../functions/declarations.ts';
import { type CollectorConfig, configurable, settingsFor } from '../../../../shared/config.ts';
import { FINE_GRANULARITIES } from '../../../../shared/measurements/granularity.ts';
import type { RunRecord, World } from '../world.ts';
import type { TrackedTarget } from './advances.ts';

/** Returns the runs of a dataset and subject, in the order of their starts. */
export function runsOf(
  world: World,
  { dataset, subject }: Pick<TrackedTarget, 'dataset' | 'subject'>,
): RunRecord[] {
  return [...world.runs.values()].filter((run) => run.dataset === dataset && run.subject === subject);
}

/** The settings of the datasets whose watermarks the oracle checks. */
const settingsSchema = z.object({
  settle: z.number(),
  backfill: z.number(),
  granularity: z.enum(FINE_GRANULARITIES).optional(),
  overlap: z.number().optional(),
  maxBytesPerDay: z.number().optional(),
  namespaces: z.number().optional(),
  /** Patterns of the collected measurements. */
  measurements: z.array(z.string()).default(['*']),
});

type RunSettings = z.infer<typeof settingsSchema>;

const known = new WeakMap<CollectorConfig, Map<string, RunSettings>>();

/** Returns what a run was configured to do, in ms. */
export function settingsOf({ config, dataset: name }: Pick<RunRecord, 'config' | 'dataset'>): RunSettings {
  const ofConfig = known.get(config) ?? new Map<string, RunSettings>();
  known.set(config, ofConfig);
  const settings =
    ofConfig.get(name) ?? settingsSchema.parse(settingsFor(configurable(name, declarations), config));
  ofConfig.set(name, settings);
  return settings;
}

/** Returns whether a run collects a measurement. The only wildcard of a pattern stands for any characters. */
export function collects(run: Pick<RunRecord, 'config' | 'dataset'>, measurement: string): boolean {
  return settingsOf(run).measurements.some((pattern) => {
    const [first = '', last] = pattern.split('*');
    return last === undefined
      ? measurement === first
      : measurement.startsWith(first) && measurement.endsWith(last);
  });
}

/** Returns the time on the clock of a run's container when the run started. */
export function clockOf({ startedAt, skew }: RunRecord): number {
  return startedAt + skew;
}

/** Returns the time up to which a run collects: its tick, or its clock if that is behind the tick. */
export function timeOf(run: RunRecord): number {
  return Math.min(run.tick, clockOf(run));
}
