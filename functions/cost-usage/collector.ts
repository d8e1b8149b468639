import type { AtlasSession, Cluster } from '../../shared/atlas/api.ts';
import type { AtlasError } from '../../shared/atlas/errors.ts';
import { isWhole, type Listing, wholeListing } from '../../shared/atlas/listing.ts';
import { isRefused, refusalCode } from '../../shared/atlas/refusal.ts';
import { HOUR } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import {
  type Collector,
  collector,
  SELF,
  type Source,
  type StepResult,
  type Target,
} from '../../shared/engine/dataset.ts';
import { isOptionalFailure } from '../../shared/engine/errors.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { organisationOf, type ProjectId, type Subject } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import { isUnavailableToday } from '../../shared/sources/unavailable-until.ts';
import { type CostUsageSettings, costUsageDeclaration } from './declaration.ts';
import { mergeUsage, monthAfter, monthOf } from './months.ts';
import { costUsageRow, type Paid } from './rows.ts';
import { COSTS_VERSION, type CostState, costsSize, decodeCosts, encodeCosts } from './state.ts';
import { costUsage } from './tables.ts';

export const costUsageDataset: Dataset<CostUsageSettings> = {
  ...costUsageDeclaration,
  collector: costUsageCollector,
};

/** The organisation, its projects and their clusters are the targets, all of them the organisation's. */
function costUsageCollector({ backfill }: CostUsageSettings): Collector {
  const projects: ProjectLists = { ids: [], hasUnknown: false };
  return collector<CostState>({
    listSources: (atlas, organisation) => listSources(atlas, organisation, projects),
    listTargets: (atlas, organisation, source) => listTargets(atlas, organisation, source, projects),
    firstState: (_target, { tick, now }) => ({
      watermark: tick - HOUR,
      from: monthOf(Math.min(tick, now) - backfill),
      amounts: new Map(),
      revision: 0,
      unavailableOn: null,
    }),
    nextStep(target, time) {
      const { state } = target;
      if (state.watermark >= time.tick || isUnavailableToday(state, time.now)) return null;
      // A clock that was ahead has closed months that are to come.
      if (state.from > monthOf(time.now)) return null;
      // What is listed no more still costs until its last month is closed.
      if (target.missingSince !== null && state.from > monthOf(target.missingSince)) return null;
      return (atlas, collectedAt) => read(target, time, atlas, collectedAt);
    },
    // Amounts that are known are compared with, so that reading them again writes nothing twice.
    pulledBack: (state, instant) => ({ ...state, watermark: instant - HOUR }),
    stateVersion: COSTS_VERSION,
    encode: encodeCosts,
    decode: decodeCosts,
    sizeBound: costsSize,
  });
}

/**
 * The organisation, and its projects: each of them only lists its clusters, whose costs stay with the organisation. So what
 * has been listed is kept, however many projects there are.
 */
async function listSources(
  atlas: AtlasSession,
  subject: Subject,
  projects: ProjectLists,
): Promise<Listing<Source>> {
  const organisation = organisationOf(subject);
  const self = { id: organisation, attributes: {}, askable: true };
  try {
    const all = await atlas.listProjects();
    projects.ids = all.items.filter((project) => project.organisation === organisation).map(({ id }) => id);
    const withoutOrganisation = all.items.filter((project) => project.organisation === null).length;
    // The organisation of their costs is unknown: leaving them out makes the run partial.
    atlas.remarks.leftOut('listProjects', 'orgId', withoutOrganisation);
    projects.hasUnknown = !isWhole(all) || withoutOrganisation > 0;
  } catch (error) {
    // What is known is read all the same.
    if (!isOptionalFailure(error)) throw error;
    projects.failure = error;
    return wholeListing([self]);
  }
  const listed = new Set<string>(projects.ids);
  // The clusters of a project that is listed no more are not, either.
  const covers = (name: string) => !isCluster(name) || !listed.has(projectIn(name));
  const sources = [
    { ...self, lists: { of: organisation, covers } },
    ...projects.ids.map((id) => ({
      id,
      attributes: {},
      askable: true,
      lists: { of: organisation, covers: (name: string) => name.startsWith(`${id}/`) },
    })),
  ];
  return { ...wholeListing(sources), hasUnknown: projects.hasUnknown };
}

/** The projects of one run, as its sources were listed. */
interface ProjectLists {
  ids: readonly ProjectId[];
  /** There are others, which cannot be read: any target that is missing may be of them. */
  hasUnknown: boolean;
  /** Why they could not be listed. */
  failure?: AtlasError;
}

async function listTargets(
  atlas: AtlasSession,
  subject: Subject,
  source: Source,
  { ids, hasUnknown, failure }: ProjectLists,
): Promise<Listing<string>> {
  if (failure) throw failure;
  if (source.id === subject.id) return { ...wholeListing([SELF, ...ids]), hasUnknown };
  const project = ids.find((id) => id === source.id);
  if (project === undefined) return wholeListing([]);
  const clusters = await clustersOf(atlas, project);
  const names = clusters.items.flatMap(({ id, name }) =>
    id === null ? [] : [[project, id, name].join('/')],
  );
  const withoutId = clusters.items.length - names.length;
  atlas.remarks.leftOut('listClusters', 'id', withoutId);
  return { ...wholeListing(names), hasUnknown: !isWhole(clusters) || withoutId > 0 };
}

function isCluster(name: string): boolean {
  return name.includes('/');
}

function projectIn(name: string): string {
  return name.split('/', 1)[0] ?? '';
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
  { subject, name, state }: Target<CostState>,
  { tick, now }: RunTime,
  atlas: AtlasSession,
  collectedAt: () => number,
): Promise<StepResult<CostState>> {
  const organisation = organisationOf(subject);
  const paid = paidFor(name);
  const { project, cluster } = paid;
  const of = { ...(project && { project }), ...(cluster && { cluster }) };
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
  const { changes, open } = mergeUsage(state, usage, now);
  const revision = state.revision + (changes.length > 0 ? 1 : 0);
  const rows = changes.map((change) =>
    costUsageRow(organisation, paid, change, { collectedAt: collectedAt(), revision }),
  );
  return {
    state: { watermark: tick, unavailableOn: null, revision, ...open },
    tables: [{ table: costUsage, rows }],
    gaps: [],
  };
}
