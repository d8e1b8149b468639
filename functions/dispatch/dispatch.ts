import type { AtlasSession, Project } from '../../shared/atlas/api.ts';
import type { Listing } from '../../shared/atlas/listing.ts';
import type { Dataset } from '../../shared/collection/dataset.ts';
import { SECOND } from '../../shared/collection/durations.ts';
import { isRefusal } from '../../shared/collection/trouble.ts';
import { isEnabled } from '../../shared/config.ts';
import { inProjectsPlace, type OrganisationId, type ProjectId } from '../../shared/ids.ts';
import type { Invocation } from '../../shared/lambda/dataset-handler.ts';
import { dispatchEventSchema } from '../../shared/lambda/message.ts';
import type { DispatchRuntime } from '../../shared/lambda/runtime.ts';

/** What a tick was sent to. */
export interface Dispatched {
  dataset: string;
  projects: ProjectId[];
  /** Organisations of those projects, where the dataset has something of theirs to collect. */
  organisations: OrganisationId[];
  /** Projects that the configuration names and the credential cannot read. */
  unreadable: ProjectId[];
  /** Projects, or organisations of theirs, that the list of projects has in a form that cannot be read. */
  unreadableItems: number;
}

/** Of the time left, what is kept for sending the messages. */
const SENDING_TIME = 5 * SECOND;

/** The function that a schedule calls: lists the projects and sends one message for each, or for each organisation. */
export function dispatchHandler(
  datasets: readonly Dataset[],
  runtime: () => Promise<DispatchRuntime>,
): (event: unknown, invocation: Invocation) => Promise<Dispatched> {
  return async (event, invocation) => {
    const { dataset: name, tick } = dispatchEventSchema.parse(event);
    const tools = await runtime();
    const { config, atlas, clock, log } = tools;
    const dataset = datasets.find((candidate) => candidate.name === name);
    if (!dataset) throw new Error('the event names a dataset that does not exist');
    if (!isEnabled(dataset, config))
      return { dataset: name, projects: [], organisations: [], unreadable: [], unreadableItems: 0 };
    const deadline = clock.now() + invocation.getRemainingTimeInMillis() - SENDING_TIME;
    const session = atlas.session({ deadline });
    const listed = await listProjects(name, session, tools);
    const readable = new Map(listed.items.map((project) => [project.id, project]));
    const { notes, unreadableItems: skipped, nullValues } = session.remarks;
    const unreadableItems = skipped + nullValues;
    for (const note of notes) log.warn(note, { dataset: name });
    if (unreadableItems > 0) tools.onUnreadable(name, unreadableItems);
    const wanted = (config.projects ?? [...readable.keys()]).filter(
      (id) => !config.excludeProjects.includes(id),
    );
    const chosen = wanted.flatMap((id) => readable.get(id) ?? []);
    const unreadable = wanted.filter((id) => !readable.has(id));
    const { units = ['project'] } = dataset;
    const projects = units.includes('project') ? chosen.map(({ id }) => id) : [];
    const organisations = units.includes('organisation') ? organisationsOf(chosen) : [];
    await tools.queue(name).sendTick(name, tick, 'project', projects);
    await tools.queue(name).sendTick(name, tick, 'organisation', organisations.map(inProjectsPlace));
    log.info('tick dispatched', {
      dataset: name,
      projects: projects.length,
      organisations: organisations.length,
    });
    if (unreadable.length > 0) {
      log.warn('configured projects that the credential cannot read', {
        dataset: name,
        projects: unreadable,
      });
    }
    return { dataset: name, projects, organisations, unreadable, unreadableItems };
  };
}

async function listProjects(
  dataset: string,
  atlas: AtlasSession,
  { log, onRefused }: DispatchRuntime,
): Promise<Listing<Project>> {
  try {
    return await atlas.listProjects();
  } catch (error) {
    if (isRefusal(error)) {
      log.error('no project can be collected', { dataset, reason: error.message });
      onRefused(dataset);
    }
    throw error;
  }
}

function organisationsOf(projects: readonly Project[]): OrganisationId[] {
  const ids = projects.map(({ organisation }) => organisation);
  return [...new Set(ids)].filter((id) => id !== null);
}
