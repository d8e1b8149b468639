import type { AtlasSession, Project } from '../../shared/atlas/api.ts';
import type { Listing } from '../../shared/atlas/listing.ts';
import { isEnabled } from '../../shared/config.ts';
import { SECOND } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { isRefusal } from '../../shared/engine/errors.ts';
import { TICK_TOLERANCE } from '../../shared/engine/run-clock.ts';
import type { OrganisationId, ProjectId } from '../../shared/ids.ts';
import type { Invocation } from '../../shared/worker/dataset-handler.ts';
import { SENDING_SECONDS } from '../../shared/worker/limits.ts';
import { dispatchEventSchema } from '../../shared/worker/message.ts';
import type { TickRun } from '../../shared/worker/run-queue.ts';
import type { DispatchRuntime } from '../../shared/worker/runtime.ts';
import { inOrderOfTick } from './order.ts';
import { planTick, type UnlistedSubject } from './plan.ts';

/** The result of dispatching a tick. */
export interface Dispatched {
  dataset: string;
  projects: ProjectId[];
  /** Organisations of those projects, if the dataset collects from organisations. */
  organisations: OrganisationId[];
  /** The names of the listed projects. A Map, which JSON leaves out, so that no log of the function's answer has names. */
  names: ReadonlyMap<ProjectId, string>;
  /** Configured projects that the credential cannot read and that no tick has ever seen. */
  unreadable: ProjectId[];
  /** The number of projects, or of their organisations, that cannot be read in the list of projects. */
  unreadableItems: number;
  /** Projects and organisations that earlier ticks have seen and that Atlas does not list now. */
  unlisted: UnlistedSubject[];
}

/**
 * Returns the function that a schedule calls. It lists the projects and sends one message per project or organisation.
 */
export function dispatchHandler(
  datasets: readonly DatasetDeclaration[],
  runtime: () => Promise<DispatchRuntime>,
): (event: unknown, invocation: Invocation) => Promise<Dispatched> {
  return async (event, invocation) => {
    const { dataset: name, tick } = dispatchEventSchema.parse(event);
    const tools = await runtime();
    const { config, clock, subjects: registry, log } = tools;
    const dataset = datasets.find((candidate) => candidate.name === name);
    if (!dataset) throw new Error('the event names a dataset that does not exist');
    if (!isEnabled(dataset, config))
      return {
        dataset: name,
        projects: [],
        organisations: [],
        names: new Map(),
        unreadable: [],
        unlisted: [],
        unreadableItems: 0,
      };
    const deadline = clock.now() + invocation.getRemainingTimeInMillis() - SENDING_SECONDS * SECOND;
    const atlas = tools.atlas.session({ deadline });
    const listed = await listProjects(name, atlas, tools);
    const { notes, unreadableItems: skipped, nullValues } = atlas.remarks;
    const unreadableItems = skipped + nullValues;
    for (const note of notes) log.warn(note, { dataset: name });
    if (unreadableItems > 0) tools.onUnreadable(name, unreadableItems);
    refuseFuture(tick, atlas);
    const plan = planTick({
      kinds: dataset.subjects ?? ['project'],
      listed,
      known: await registry.read(name),
      config,
      now: atlas.now(),
    });
    // Before the messages, because no run may create cursors of a subject that later ticks do not know.
    await registry.add(name, plan.added);
    await registry.update(name, plan.changed);
    const runs = inOrderOfTick<TickRun>(
      [
        ...plan.subjects.map((subject) => ({ subject })),
        ...plan.due.map(({ subject, since, isCertain }) => ({
          subject,
          ...(isCertain && { unlistedSince: since }),
        })),
      ],
      tick,
      dataset.everyMinutes,
    );
    await tools.queue(name).sendTick({ dataset: name, tick }, runs);
    tools.onSent(name, runs.length);
    const { subjects, unreadable, unlisted } = plan;
    const projects = subjects.flatMap(({ kind, id }) => (kind === 'project' ? [id] : []));
    const organisations = subjects.flatMap(({ kind, id }) => (kind === 'organisation' ? [id] : []));
    const names = new Map(listed.items.map((project) => [project.id, project.name]));
    const dispatched = {
      dataset: name,
      projects,
      organisations,
      names,
      unreadable,
      unlisted,
      unreadableItems,
    };
    report(dispatched, tools);
    return dispatched;
  };
}

/** @throws {Error} when a tick is clearly later than Atlas's clock: its runs would have nothing to read. */
function refuseFuture(tick: number, atlas: AtlasSession): void {
  const latest = atlas.latest();
  if (latest === undefined || tick - latest <= TICK_TOLERANCE) return;
  throw new Error(
    `the tick ${new Date(tick).toISOString()} is later than Atlas's clock, which shows ${new Date(latest).toISOString()}`,
  );
}

function report(
  { dataset, projects, organisations, unreadable, unlisted }: Dispatched,
  { log, onUnlisted }: DispatchRuntime,
): void {
  log.info('tick dispatched', {
    dataset,
    projects: projects.length,
    organisations: organisations.length,
  });
  if (unreadable.length > 0) {
    log.warn('configured projects that the credential cannot read', { dataset, projects: unreadable });
  }
  if (unlisted.length > 0) {
    log.warn('projects or organisations that Atlas no longer lists', {
      dataset,
      subjects: unlisted.map(({ subject: { id }, since }) => ({ id, since: new Date(since).toISOString() })),
    });
    onUnlisted(dataset, unlisted.length);
  }
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
