import * as z from 'zod';
import type { AtlasSession, Cluster } from '../../shared/atlas/api.ts';
import { isRefused, refusalCode } from '../../shared/atlas/refusal.ts';
import { type Availability, isUnavailableToday } from '../../shared/collection/availability.ts';
import {
  type Collector,
  collector,
  type Outcome,
  type Owner,
  type Target,
  type TargetState,
} from '../../shared/collection/dataset.ts';
import { HOUR } from '../../shared/collection/durations.ts';
import type { RunTime } from '../../shared/collection/windows.ts';
import type { Document } from '../../shared/cursors/document.ts';
import { organisationOf, type ProjectId } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import { absorb, monthAfter, monthOf, type OpenMonths } from './months.ts';
import { type CostUsageRow, costUsage } from './table.ts';

interface CostState extends TargetState, Availability, OpenMonths {}

const storedSchema = z.record(
  z.string(),
  z.object({
    from: z.number(),
    unavailable_on: z.string().nullable(),
    amounts: z.record(z.string(), z.number()),
  }),
);

/** Of a stored amount beside its key: a number of DynamoDB's and the bytes around both. */
const AMOUNT_BYTES = 30;
const STATE_BYTES = 120;

/** What a target's name stands for: the organisation, a project, or a project, a cluster's id and its name. */
interface Paid {
  project?: string;
  cluster?: string;
  clusterName?: string;
}

/** The organisation, its projects and their clusters are the targets, all of them the organisation's. */
export function costCollector({ backfill }: { backfill: number }): Collector {
  const projects: ProjectLists = { ids: [] };
  return collector<CostState>({
    listOwners: (atlas, organisation) => listOwners(atlas, organisation, projects),
    listTargets: (atlas, organisation, owner) => listTargets(atlas, organisation, owner, projects),
    firstState: (_target, { tick, now }) => ({
      mark: tick - HOUR,
      from: monthOf(Math.min(tick, now) - backfill),
      amounts: new Map(),
      unavailableOn: null,
    }),
    nextStep(target, time) {
      const { state } = target;
      if (state.mark >= time.tick || isUnavailableToday(state, time.now)) return null;
      // What is listed no more still costs until its last month is closed.
      if (target.missingSince !== null && state.from > monthOf(target.missingSince)) return null;
      return (atlas, collectedAt) => read(target, time, atlas, collectedAt);
    },
    encode,
    decode,
    sizeBound: ({ amounts }) =>
      [...amounts.keys()].reduce((sum, key) => sum + 3 * key.length + AMOUNT_BYTES, STATE_BYTES),
  });
}

/**
 * The organisation, and its projects: each of them only lists its clusters, whose costs stay with the organisation. So what
 * has been listed is kept, however many projects there are.
 */
async function listOwners(atlas: AtlasSession, inPlace: ProjectId, projects: ProjectLists): Promise<Owner[]> {
  const organisation = organisationOf(inPlace);
  const ids = (await atlas.listProjects())
    .filter((project) => project.organisation === organisation)
    .map(({ id }) => id);
  projects.ids = ids;
  const listed = new Set<string>(ids);
  return [
    {
      id: organisation,
      attributes: {},
      askable: true,
      // The clusters of a project that is listed no more are not, either.
      lists: { of: organisation, covers: (name) => !isCluster(name) || !listed.has(projectOf(name)) },
    },
    ...ids.map((id) => ({
      id,
      attributes: {},
      askable: true,
      lists: { of: organisation, covers: (name: string) => isCluster(name) && projectOf(name) === id },
    })),
  ];
}

/** The projects of one run, as its owners were listed. */
interface ProjectLists {
  ids: readonly ProjectId[];
}

async function listTargets(
  atlas: AtlasSession,
  inPlace: ProjectId,
  owner: Owner,
  { ids }: ProjectLists,
): Promise<string[]> {
  if (owner.id === inPlace) return ['', ...ids];
  const project = ids.find((id) => id === owner.id);
  if (project === undefined) return [];
  const clusters = await clustersOf(atlas, project);
  return clusters.flatMap(({ id, name }) => (id === null ? [] : [[project, id, name].join('/')]));
}

function isCluster(name: string): boolean {
  return name.includes('/');
}

function projectOf(name: string): string {
  return name.split('/', 1)[0] ?? '';
}

/** Those that the credential may see: the costs of the others are in those of their project. */
async function clustersOf(atlas: AtlasSession, project: ProjectId): Promise<Cluster[]> {
  try {
    return await atlas.listClusters(project);
  } catch (error) {
    if (isRefused(error)) return [];
    throw error;
  }
}

function paidFor(name: string): Paid {
  const [project, cluster, ...rest] = name.split('/');
  return {
    ...(project && { project }),
    ...(cluster && { cluster, clusterName: rest.join('/') }),
  };
}

async function read(
  { project: inPlace, name, state }: Target<CostState>,
  { tick, now }: RunTime,
  atlas: AtlasSession,
  collectedAt: () => number,
): Promise<Outcome<CostState>> {
  const organisation = organisationOf(inPlace);
  const { project, cluster, clusterName } = paidFor(name);
  const of = { ...(project && { project }), ...(cluster && { cluster }) };
  const level = cluster ? 'cluster' : project ? 'project' : 'organisation';
  let usage: Awaited<ReturnType<AtlasSession['costUsage']>>;
  try {
    usage = await atlas.costUsage(organisation, { from: state.from, to: monthAfter(monthOf(now)), of });
  } catch (error) {
    if (!isRefused(error)) throw error;
    const why = `Atlas answered ${refusalCode(error)}`;
    return {
      state: { ...state, unavailableOn: utcDay(now), idle: true },
      tables: [],
      gaps: [],
      warnings: [`costs cannot be read: ${why}; the least role for it is Organization Billing Viewer`],
    };
  }
  const { changes, open } = absorb(state, usage, now);
  const rows = changes.map(
    ({ month, service, amount, change }): CostUsageRow => ({
      org_id: organisation,
      level,
      project_id: project ?? null,
      cluster_id: cluster ?? null,
      cluster_name: clusterName ?? null,
      service,
      ts: month,
      amount,
      amount_change: change,
      collected_at: collectedAt(),
    }),
  );
  return {
    state: { mark: tick, unavailableOn: null, ...open },
    tables: [{ table: costUsage, rows }],
    gaps: [],
  };
}

function encode(states: ReadonlyMap<string, CostState>): Document {
  return Object.fromEntries(
    [...states].map(([name, { from, unavailableOn, amounts }]) => [
      name,
      { from, unavailable_on: unavailableOn, amounts: Object.fromEntries(amounts) },
    ]),
  );
}

function decode(stored: Document, marks: ReadonlyMap<string, number>): Map<string, CostState> {
  return new Map(
    Object.entries(storedSchema.parse(stored)).map(([name, { from, unavailable_on, amounts }]) => [
      name,
      {
        mark: marks.get(name) ?? 0,
        from,
        unavailableOn: unavailable_on,
        amounts: new Map(Object.entries(amounts)),
        idle: unavailable_on !== null,
      },
    ]),
  );
}
