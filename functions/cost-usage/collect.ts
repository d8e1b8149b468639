import type { AtlasSession, Cluster } from '../../shared/atlas/api.ts';
import { type Listing, wholeListing } from '../../shared/atlas/listing.ts';
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
    listOwners: async (_atlas, organisation) =>
      wholeListing([{ id: organisation, attributes: {}, askable: true }]),
    listTargets,
    firstState: (_target, { tick, now }) => ({
      mark: tick - HOUR,
      from: monthOf(Math.min(tick, now) - backfill),
      amounts: new Map(),
      revision: 0,
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

/** Where a project or a cluster cannot be read, any target that is missing may be of it. */
async function listTargets(atlas: AtlasSession, inPlace: ProjectId): Promise<Listing<string>> {
  const organisation = organisationOf(inPlace);
  const projects = await atlas.listProjects();
  const ours = projects.items.filter((project) => project.organisation === organisation);
  let hasUnknown = isUncertain(projects) || projects.items.some((project) => project.organisation === null);
  const names = [SELF];
  for (const { id } of ours) {
    names.push(id);
    const clusters = await clustersOf(atlas, id);
    hasUnknown ||= isUncertain(clusters);
    for (const { id: cluster, name } of clusters.items) {
      if (cluster !== null) names.push([id, cluster, name].join('/'));
      else hasUnknown = true;
    }
  }
  return { ...wholeListing(names), hasUnknown };
}

function isUncertain({ unreadable, hasUnknown }: Listing<unknown>): boolean {
  return hasUnknown || unreadable.size > 0;
}

/** Those that the credential may see: the costs of the others are in those of their project. */
async function clustersOf(atlas: AtlasSession, project: ProjectId): Promise<Listing<Cluster>> {
  try {
    return await atlas.listClusters(project);
  } catch (error) {
    if (isRefused(error)) return wholeListing([]);
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
  const revision = state.revision + (changes.length > 0 ? 1 : 0);
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
      revision,
    }),
  );
  return {
    state: { mark: tick, unavailableOn: null, revision, ...open },
    tables: [{ table: costUsage, rows }],
    gaps: [],
  };
}
