import type { AtlasSession, Cluster } from '../../shared/atlas/api.ts';
import type { AtlasError } from '../../shared/atlas/errors.ts';
import { isWhole, type Listing, wholeListing } from '../../shared/atlas/listing.ts';
import { isRefused, refusalCode } from '../../shared/atlas/refusal.ts';
import { HOUR } from '../../shared/durations.ts';
import type { Target } from '../../shared/engine/cursor.ts';
import {
  type Collector,
  defineDataset,
  SELF,
  type Source,
  type StepResult,
} from '../../shared/engine/dataset.ts';
import { isOptionalFailure } from '../../shared/engine/errors.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { type OrganisationId, organisationOf, type ProjectId, type Subject } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import { isUnavailableToday } from '../../shared/sources/availability.ts';
import { type CostUsageSettings, costUsageDeclaration } from './declaration.ts';
import { mergeUsage, monthAfter, monthOf } from './months.ts';
import { costUsageRow, type Paid } from './rows.ts';
import { type CostState, costsCodec } from './state.ts';
import { costUsage } from './tables.ts';

export const costUsageDataset = defineDataset(costUsageDeclaration, {
  codec: () => costsCodec,
  collector: costUsageCollector,
});

/**
 * Collects costs. The targets are the organisation, its projects and their clusters; all belong to the organisation.
 */
function costUsageCollector({ backfill }: CostUsageSettings, subject: Subject): Collector<CostState> {
  const organisation = organisationOf(subject);
  const projects: ProjectLists = { ids: [], hasUnknown: false };
  return {
    listSources: (atlas) => listSources(atlas, organisation, projects),
    listTargets: (atlas, source) => listTargets(atlas, organisation, source, projects),
    firstState: ({ tick, now }) => ({
      watermark: tick - HOUR,
      from: monthOf(Math.min(tick, now) - backfill),
      amounts: new Map(),
      revision: 0,
      unavailableOn: null,
    }),
    nextStep(target, time) {
      const { state } = target;
      if (state.watermark >= time.tick || isUnavailableToday(state, time.now)) return null;
      // A fast clock has closed months that have not begun yet.
      if (state.from > monthOf(time.now)) return null;
      // An unlisted target can still cost money until its last month is closed.
      if (target.missingSince !== null && state.from > monthOf(target.missingSince)) return null;
      return (atlas, collectedAt) => read(organisation, target, time, atlas, collectedAt);
    },
    // New amounts are compared with known ones, so that reading them again writes nothing twice.
    pulledBack: (state, instant) => ({ ...state, watermark: instant - HOUR }),
  };
}

/**
 * Lists the organisation and its projects as sources. A project only lists its clusters, whose costs belong to the
 * organisation. So clusters that have been listed are kept, however many projects there are.
 */
async function listSources(
  atlas: AtlasSession,
  organisation: OrganisationId,
  projects: ProjectLists,
): Promise<Listing<Source>> {
  const self = { id: organisation, attributes: {}, hasData: true };
  try {
    const all = await atlas.listProjects();
    projects.ids = all.items.filter((project) => project.organisation === organisation).map(({ id }) => id);
    const withoutOrganisation = all.items.filter((project) => project.organisation === null).length;
    // The organisation of their costs is unknown: leaving them out makes the run partial.
    atlas.remarks.leftOut('listProjects', 'orgId', withoutOrganisation);
    projects.hasUnknown = !isWhole(all) || withoutOrganisation > 0;
  } catch (error) {
    // Known targets are read even if the list fails.
    if (!isOptionalFailure(error)) throw error;
    projects.failure = error;
    return wholeListing([self]);
  }
  const listed = new Set<string>(projects.ids);
  // The clusters of an unlisted project are not listed either.
  const covers = (name: string) => !isCluster(name) || !listed.has(projectIn(name));
  const sources = [
    { ...self, lists: { of: organisation, covers } },
    ...projects.ids.map((id) => ({
      id,
      attributes: {},
      hasData: true,
      lists: { of: organisation, covers: (name: string) => name.startsWith(`${id}/`) },
    })),
  ];
  return { ...wholeListing(sources), hasUnknown: projects.hasUnknown };
}

/** The projects of one run, as they were listed with its sources. */
interface ProjectLists {
  ids: readonly ProjectId[];
  /** There are other projects that cannot be read. Any missing target may belong to them. */
  hasUnknown: boolean;
  /** Why the projects could not be listed. */
  failure?: AtlasError;
}

async function listTargets(
  atlas: AtlasSession,
  organisation: OrganisationId,
  source: Source,
  { ids, hasUnknown, failure }: ProjectLists,
): Promise<Listing<string>> {
  if (failure) throw failure;
  if (source.id === organisation) return { ...wholeListing([SELF, ...ids]), hasUnknown };
  const project = ids.find((id) => id === source.id);
  if (project === undefined) return wholeListing([]);
  const clusters = await clustersOf(atlas, project);
  // An id of two clusters has one amount, and it is unknown whose it is.
  const clustersById = Map.groupBy(clusters.items, ({ id }) => id);
  const readable = clusters.items.filter(({ id }) => id !== null && clustersById.get(id)?.length === 1);
  const withoutId = clusters.items.length - readable.length;
  atlas.remarks.leftOut('listClusters', 'id', withoutId);
  const names = readable.map(({ id, name }) => [project, id, name].join('/'));
  return { ...wholeListing(names), hasUnknown: !isWhole(clusters) || withoutId > 0 };
}

function isCluster(name: string): boolean {
  return name.includes('/');
}

function projectIn(name: string): string {
  return name.split('/', 1)[0] ?? '';
}

/** Returns the clusters that the credential may see. The costs of the others are part of their project's costs. */
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
  organisation: OrganisationId,
  { name, state }: Target<CostState>,
  { tick, now }: RunTime,
  atlas: AtlasSession,
  collectedAt: () => number,
): Promise<StepResult<CostState>> {
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
