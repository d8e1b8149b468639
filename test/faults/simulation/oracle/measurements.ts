import * as z from 'zod';
import { SELF } from '../../../../shared/engine/dataset.ts';
import type { Lifetime } from '../../../../simulator/organisation/types.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import type { SeriesTarget } from '../../../../simulator/series.ts';
import { instanceSizeOf } from '../generators/processes.ts';
import { type CoarseOutage, minuteOf } from '../history.ts';
import type { World } from '../world.ts';
import { advancesOf, type TrackedTarget } from './advances.ts';
import { backfillsOfTarget } from './backfills.ts';
import { floorTo } from './instants.ts';
import { createListingCheck } from './listing.ts';
import { Points, resolutionOf, stepOf } from './points.ts';
import { settingsOf, timeOf } from './runs.ts';
import { readingRuns } from './selection.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { checkTarget } from './target-check.ts';
import type { ResolutionAdvance } from './target-facts.ts';

type MeasurementDataset =
  | 'database_measurements'
  | 'disk_measurements'
  | 'process_measurements'
  | 'search_measurements';

/** Checks every promise about one dataset's measurements. */
export function checkMeasurements(
  dataset: MeasurementDataset,
  { history, organisation, world, lake }: SimulatedHistory,
): string[] {
  const rows = Map.groupBy(lake.rows(dataset), ({ values }) =>
    labelOf(values['process_id'], values['database_name'] ?? values['partition_name'] ?? SELF),
  );
  const gaps = lake.gapsOf(dataset);
  const violations: string[] = [];
  for (const target of targetsOf(organisation, dataset)) {
    const label = labelOf(target.processId, nameOf(target));
    const processes = organisation.projects.flatMap((project) => project.processes);
    const place = processes.findIndex(({ id }) => id === target.processId);
    const concerns = ({ node, from, to }: CoarseOutage, at: number) =>
      node % processes.length === place && at >= minuteOf(from) && at < minuteOf(to);
    const process = processes.find(({ id }) => id === target.processId);
    const tracked = { dataset, subject: target.projectId, source: target.processId, name: nameOf(target) };
    const runs = readingRuns({ history, organisation, world }, tracked, process?.clusterName ?? '');
    const found = checkTarget({
      history,
      target,
      points: new Points(organisation, target),
      advances: resolutionAdvancesOf(world, tracked),
      isListed: createListingCheck(history, organisation, target.processId, partsOf(organisation, target)),
      wasSilent: (at) =>
        history.absences.some((absence) => absence.kind === 'host-silent' && concerns(absence, at)),
      isCoarseOutage: (at) => history.coarseOutages.some((coarseOutage) => concerns(coarseOutage, at)),
      runs,
      rows: rows.get(label) ?? [],
      gaps: gaps.get(label) ?? [],
      isSmall:
        instanceSizeOf(
          history.seed,
          organisation.projects.findIndex(({ id }) => id === target.projectId),
        ) === 'M30',
      backfills: backfillsOfTarget({ history, world, lake }, tracked, { label, reading: runs }),
      emptyFrom: (states) => emptyFromOf(states, tracked.name),
    });
    violations.push(...found.map((violation) => `${dataset} ${label}: ${violation}`));
  }
  return violations;
}

function targetsOf(organisation: Organisation, dataset: string): SeriesTarget[] {
  return organisation.projects.flatMap(({ id: projectId, processes }) =>
    processes.flatMap(({ id: processId, databases, disks }): SeriesTarget[] => {
      if (dataset === 'process_measurements') return [{ projectId, processId }];
      if (dataset === 'search_measurements') return [{ projectId, processId, search: true }];
      return dataset === 'database_measurements'
        ? databases.map(({ name }) => ({ projectId, processId, databaseName: name }))
        : disks.map(({ partitionName }) => ({ projectId, processId, partitionName }));
    }),
  );
}

function nameOf(target: SeriesTarget): string {
  return target.databaseName ?? target.partitionName ?? SELF;
}

function labelOf(source: unknown, name: unknown): string {
  return name === SELF ? String(source) : `${String(source)}/${String(name)}`;
}

function resolutionAdvancesOf(world: World, tracked: TrackedTarget): ResolutionAdvance[] {
  return advancesOf(world, tracked, (run, { states }) =>
    floorTo(
      timeOf(run) - settingsOf(run).backfill,
      stepOf(resolutionOf(settingsOf(run).granularity ?? granularityOf(states, tracked.name))),
    ),
  ).map((advance) => {
    const front = frontOf(advance.states, tracked.name);
    return {
      ...advance,
      resolution: resolutionOf(granularityOf(advance.states, tracked.name)),
      front: Math.max(advance.start, frontOf(advance.previous?.states, tracked.name)?.to ?? advance.start),
      frontFrom: front?.from ?? Number.NEGATIVE_INFINITY,
      frontTo: Math.max(advance.to, front?.to ?? advance.to),
    };
  });
}

const spansSchema = z.object({
  targets: z.array(
    z.object({
      name: z.string(),
      spans: z.array(
        z.object({
          granularity: z.string(),
          from: z.number(),
          position: z.number(),
          empty_from: z.number().nullable(),
        }),
      ),
    }),
  ),
});

function spansOf(states: unknown, name: string) {
  return spansSchema.safeParse(states).data?.targets.find((its) => its.name === name)?.spans;
}

/** Returns from where on the last answers of a target had no values. */
function emptyFromOf(states: unknown, name: string): number | undefined {
  const from = (spansOf(states, name) ?? []).flatMap((span) => span.empty_from ?? []);
  return from.length > 0 ? Math.min(...from) : undefined;
}

/** Returns the granularity at which new points of a target are read. A substitute has another than the configuration. */
function granularityOf(states: unknown, name: string): string | undefined {
  return spansOf(states, name)?.at(-1)?.granularity;
}

/**
 * Returns the position in a target's newest span that a run has begun to read, and where that span, or the first one that
 * it continues, begins.
 */
function frontOf(states: unknown, name: string): { from: number; to: number } | undefined {
  const spans = spansOf(states, name) ?? [];
  const place = spans.findLastIndex(({ from, position }) => position > from);
  const newest = spans[place];
  if (!newest) return undefined;
  let { from } = newest;
  for (const span of spans.slice(0, place).reverse()) {
    if (span.position < from) break;
    from = span.from;
  }
  return { from, to: newest.position };
}

/** Returns the target's own database or disk from those of its process. */
function partsOf({ projects }: Organisation, target: SeriesTarget): Lifetime[] {
  const process = projects.flatMap(({ processes }) => processes).find(({ id }) => id === target.processId);
  const { databaseName, partitionName } = target;
  if (databaseName !== undefined)
    return (process?.databases ?? []).filter(({ name }) => name === databaseName);
  if (partitionName === undefined) return process ? [process] : [];
  return (process?.disks ?? []).filter((disk) => disk.partitionName === partitionName);
}
