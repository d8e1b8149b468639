import * as z from 'zod';
import type { Lifetime } from '../../../../simulator/organisation/types.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import type { SeriesTarget } from '../../../../simulator/series.ts';
import { type CoarseOutage, minuteOf } from '../history.ts';
import type { World } from '../world.ts';
import { advancesOf } from './advances.ts';
import { floorTo } from './instants.ts';
import { createListingCheck } from './listing.ts';
import { Points, resolutionOf } from './points.ts';
import { runsOf, settingsOf, timeOf } from './runs.ts';
import type { SimulatedHistory } from './simulated-history.ts';
import { type ResolutionAdvance, TargetCheck } from './target-check.ts';

/** Checks every promise about one dataset's measurements. */
export function checkMeasurements(
  dataset: 'database_measurements' | 'disk_measurements',
  { history, organisation, world, lake }: SimulatedHistory,
): string[] {
  const rows = Map.groupBy(lake.rows(dataset), ({ values }) =>
    labelOf(values['process_id'], values['database_name'] ?? values['partition_name']),
  );
  const gaps = lake.gapsOf(dataset);
  const violations: string[] = [];
  for (const target of targetsOf(organisation, dataset)) {
    const label = labelOf(
      target.processId,
      'databaseName' in target ? target.databaseName : target.partitionName,
    );
    const processes = organisation.projects.flatMap((project) => project.processes);
    const place = processes.findIndex(({ id }) => id === target.processId);
    const concerns = ({ node, from, to }: CoarseOutage, at: number) =>
      node % processes.length === place && at >= minuteOf(from) && at < minuteOf(to);
    const check = new TargetCheck({
      history,
      target,
      points: new Points(organisation, target),
      advances: resolutionAdvancesOf(world, dataset, target),
      isListed: createListingCheck(history, organisation, target.processId, partsOf(organisation, target)),
      wasSilent: (at) =>
        history.absences.some((absence) => absence.kind === 'host-silent' && concerns(absence, at)),
      isCoarseOutage: (at) => history.coarseOutages.some((coarseOutage) => concerns(coarseOutage, at)),
      runs: runsOf(world, { dataset, subject: target.projectId }),
      rows: rows.get(label) ?? [],
      gaps: gaps.get(label) ?? [],
    });
    violations.push(...check.violations().map((violation) => `${dataset} ${label}: ${violation}`));
  }
  return violations;
}

function targetsOf(organisation: Organisation, dataset: string): SeriesTarget[] {
  return organisation.projects.flatMap(({ id: projectId, processes }) =>
    processes.flatMap(({ id: processId, databases, disks }): SeriesTarget[] =>
      dataset === 'database_measurements'
        ? databases.map(({ name }) => ({ projectId, processId, databaseName: name }))
        : disks.map(({ partitionName }) => ({ projectId, processId, partitionName })),
    ),
  );
}

function nameOf(target: SeriesTarget): string {
  return 'databaseName' in target ? target.databaseName : target.partitionName;
}

function labelOf(source: unknown, name: unknown): string {
  return `${String(source)}/${String(name)}`;
}

function resolutionAdvancesOf(world: World, dataset: string, target: SeriesTarget): ResolutionAdvance[] {
  const tracked = { dataset, subject: target.projectId, source: target.processId, name: nameOf(target) };
  return advancesOf(world, tracked, (run, { states }) =>
    floorTo(timeOf(run) - settingsOf(run).backfill, resolutionOf(granularityOf(states)).interval),
  ).map((advance) => ({
    ...advance,
    resolution: resolutionOf(granularityOf(advance.states)),
    front: Math.max(advance.start, frontOf(advance.previous?.states, tracked.name) ?? advance.start),
  }));
}

function granularityOf(states: unknown): unknown {
  return typeof states === 'object' && states !== null && 'granularity' in states
    ? states.granularity
    : undefined;
}

const spansSchema = z.object({
  targets: z.array(
    z.object({
      name: z.string(),
      spans: z.array(z.object({ from: z.number(), position: z.number() })),
    }),
  ),
});

/** Returns the position in a target's newest span that a run has begun to read. */
function frontOf(states: unknown, name: string): number | undefined {
  const target = spansSchema.safeParse(states).data?.targets.find((its) => its.name === name);
  return target?.spans.findLast(({ from, position }) => position > from)?.position;
}

/** Returns the target's own database or disk from those of its process. */
function partsOf({ projects }: Organisation, target: SeriesTarget): Lifetime[] {
  const process = projects.flatMap(({ processes }) => processes).find(({ id }) => id === target.processId);
  return 'databaseName' in target
    ? (process?.databases ?? []).filter(({ name }) => name === target.databaseName)
    : (process?.disks ?? []).filter(({ partitionName }) => partitionName === target.partitionName);
}
