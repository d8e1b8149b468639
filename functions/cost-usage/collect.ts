import type { AtlasSession, Cluster } from '../../shared/atlas/api.ts';
import { isRefused, refusalCode } from '../../shared/atlas/refusal.ts';
import { isUnavailableToday } from '../../shared/collection/availability.ts';
import {
  type Collector,
  collector,
  type Outcome,
  SELF,
  type Target,
} from '../../shared/collection/dataset.ts';
import { HOUR } from '../../shared/collection/durations.ts';
import type { RunTime } from '../../shared/collection/windows.ts';
import { organisationOf, type ProjectId } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import { absorb, monthAfter, monthOf } from './months.ts';
import { COSTS_VERSION, type CostState, costsSize, decodeCosts, encodeCosts } from './state.ts';
import { type CostUsageRow, costUsage } from './table.ts';

/** What a target's name stands for: the organisation, a project, or a project, a cluster's id and its name. */
interface Paid {
  project?: string;
  cluster?: string;
  clusterName?: string;
}

/** The organisation is the owner; it, its projects and their clusters are the targets. */
export function costCollector({ backfill }: { backfill: number }): Collector {
  return collector<CostState>({
    listOwners: async (_atlas, organisation) => [{ id: organisation, attributes: {}, askable: true }],
    listTargets,
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
    stateVersion: COSTS_VERSION,
    encode: encodeCosts,
    decode: decodeCosts,
    sizeBound: costsSize,
  });
}

async function listTargets(atlas: AtlasSession, inPlace: ProjectId): Promise<string[]> {
  const organisation = organisationOf(inPlace);
  const projects = (await atlas.listProjects()).filter((project) => project.organisation === organisation);
  const names = [SELF];
  for (const { id } of projects) {
    names.push(id);
    for (const { id: cluster, name } of await clustersOf(atlas, id)) {
      if (cluster !== null) names.push([id, cluster, name].join('/'));
    }
  }
  return names;
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
  if (name === SELF) return {};
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
