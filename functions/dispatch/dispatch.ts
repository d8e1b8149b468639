import type { AtlasSession } from '../../shared/atlas/api.ts';
import { isEnabled } from '../../shared/config.ts';
import { credentialField } from '../../shared/credential-name.ts';
import { SECOND } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { isRefusal } from '../../shared/engine/errors.ts';
import { TICK_TOLERANCE } from '../../shared/engine/run-clock.ts';
import type { OrganisationId, ProjectId } from '../../shared/ids.ts';
import { CommitLog } from '../../shared/lake/commit-log.ts';
import type { Invocation } from '../../shared/worker/dataset-handler.ts';
import { SENDING_SECONDS } from '../../shared/worker/limits.ts';
import { dispatchEventSchema } from '../../shared/worker/message.ts';
import type { TickRun } from '../../shared/worker/run-queue.ts';
import type { DispatchRuntime } from '../../shared/worker/runtime.ts';
import { type FailedCredential, listProjects, type ProjectLists } from './list-projects.ts';
import { inOrderOfTick } from './order.ts';
import { planTick, type UnlistedSubject, type UnregisteredSubject } from './plan.ts';
import { RecordedSubjects } from './recorded-subjects.ts';

/** The result of dispatching a tick. */
export interface Dispatched {
  dataset: string;
  projects: ProjectId[];
  /** Organisations of those projects, if the dataset collects from organisations. */
  organisations: OrganisationId[];
  /** The names of the listed projects. A Map, which JSON leaves out, so that no log of the function's answer has names. */
  names: ReadonlyMap<ProjectId, string>;
  /** Configured projects that no credential can read and that no tick has ever seen. */
  unreadable: ProjectId[];
  /** The number of projects, or of their organisations, that cannot be read in the list of projects. */
  unreadableItems: number;
  /** Projects and organisations that earlier ticks have seen and that Atlas does not list now. */
  unlisted: UnlistedSubject[];
  /** Projects and organisations whose credential is unknown, or no longer there. */
  orphaned: UnregisteredSubject[];
  /** Credentials whose projects could not be listed, while others could. */
  failed: readonly FailedCredential[];
}

const NOTHING_DISPATCHED = {
  projects: [],
  organisations: [],
  names: new Map(),
  unreadable: [],
  unreadableItems: 0,
  unlisted: [],
  orphaned: [],
  failed: [],
};

/**
 * Returns the function that a schedule calls. It lists the projects of all credentials and sends one message per project or
 * organisation. It throws only if no credential can list its projects: the next tick tries the others again, and what they
 * listed before is collected meanwhile.
 */
export function dispatchHandler(
  datasets: readonly DatasetDeclaration[],
  runtime: () => Promise<DispatchRuntime>,
): (event: unknown, invocation: Invocation) => Promise<Dispatched> {
  const recorded = new RecordedSubjects();
  return async (event, invocation) => {
    const { dataset: name, tick, everyMinutes } = dispatchEventSchema.parse(event);
    const tools = await runtime();
    const { config, clock, subjects: registry } = tools;
    const dataset = datasets.find((candidate) => candidate.name === name);
    if (!dataset) throw new Error('the event names a dataset that does not exist');
    if (!isEnabled(dataset, config)) return { dataset: name, ...NOTHING_DISPATCHED };
    const deadline = clock.now() + invocation.getRemainingTimeInMillis() - SENDING_SECONDS * SECOND;
    const { listings, failed } = await listProjects(name, deadline, tools);
    const unreadableItems = reportRemarks(name, listings, tools);
    const sessions = listings.map(({ atlas }) => atlas);
    refuseFuture(tick, sessions);
    const known = await registry.read(name);
    const unregistered = await recorded.unregistered(
      dataset,
      { known, listings, config },
      { records: new CommitLog(tools.lake), log: tools.log },
    );
    const plan = planTick({
      kinds: dataset.subjects ?? ['project'],
      listings,
      known,
      unregistered,
      config,
      now: Math.min(...sessions.map((atlas) => atlas.now())),
    });
    // Before the messages, because no run may create cursors of a subject that later ticks do not know.
    await registry.add(name, plan.added);
    await registry.update(name, plan.changed);
    const runs = inOrderOfTick<TickRun>(
      [
        ...plan.subjects,
        ...plan.due.map(({ subject, credential, since, isCertain }) => ({
          subject,
          credential,
          ...(isCertain && { unlistedSince: since }),
        })),
      ],
      tick,
      everyMinutes ?? dataset.everyMinutes,
    );
    await tools.queue(name).sendTick({ dataset: name, tick }, runs);
    tools.onSent(name, runs.length);
    const { unreadable, unlisted, orphaned } = plan;
    const subjects = plan.subjects.map(({ subject }) => subject);
    const projects = subjects.flatMap(({ kind, id }) => (kind === 'project' ? [id] : []));
    const organisations = subjects.flatMap(({ kind, id }) => (kind === 'organisation' ? [id] : []));
    const names = new Map(
      listings.flatMap(({ listed }) => (listed?.items ?? []).map((project) => [project.id, project.name])),
    );
    const dispatched = {
      ...{ dataset: name, projects, organisations, names },
      ...{ unreadable, unlisted, orphaned, unreadableItems, failed },
    };
    report(dispatched, tools);
    return dispatched;
  };
}

/** Logs what the lists contain that is not a failure. Returns the number of items that cannot be read. */
function reportRemarks(
  dataset: string,
  listings: ProjectLists['listings'],
  { log, onUnreadable }: DispatchRuntime,
): number {
  let unreadableItems = 0;
  for (const { credential, atlas } of listings) {
    const { notes, unreadableItems: skipped, nullValues } = atlas.remarks;
    unreadableItems += skipped + nullValues;
    for (const note of notes) log.warn(note, { dataset, ...credentialField(credential) });
  }
  if (unreadableItems > 0) onUnreadable(dataset, unreadableItems);
  return unreadableItems;
}

/** @throws {Error} when a tick is clearly later than Atlas's clock: its runs would have nothing to read. */
function refuseFuture(tick: number, sessions: readonly AtlasSession[]): void {
  const times = sessions.flatMap((atlas) => atlas.latest() ?? []);
  const latest = Math.max(...times);
  if (times.length === 0 || tick - latest <= TICK_TOLERANCE) return;
  throw new Error(
    `the tick ${new Date(tick).toISOString()} is later than Atlas's clock, which shows ${new Date(latest).toISOString()}`,
  );
}

function report(
  { dataset, projects, organisations, unreadable, unlisted, orphaned, failed }: Dispatched,
  { log, onUnlisted, onUnlistable }: DispatchRuntime,
): void {
  log.info('tick dispatched', {
    dataset,
    projects: projects.length,
    organisations: organisations.length,
  });
  if (unreadable.length > 0) {
    log.warn('configured projects that no credential can read', { dataset, projects: unreadable });
  }
  for (const { credential, error, reason } of failed) {
    log.warn('the projects of a credential could not be listed', {
      dataset,
      ...credentialField(credential),
      reason,
    });
    if (!isRefusal(error)) onUnlistable(dataset);
  }
  if (unlisted.length > 0) {
    log.warn('projects or organisations that Atlas no longer lists', {
      dataset,
      subjects: unlisted.map(({ subject: { id }, credential, since }) => ({
        id,
        since: new Date(since).toISOString(),
        ...credentialField(credential),
      })),
    });
  }
  if (orphaned.length > 0) {
    log.warn(
      'projects or organisations whose credential is unknown or no longer there, and that no list that can be read has',
      {
        dataset,
        subjects: orphaned.map(({ subject: { id }, credential = null }) => ({
          id,
          ...credentialField(credential),
        })),
      },
    );
  }
  const lost = unlisted.length + orphaned.length;
  if (lost > 0) onUnlisted(dataset, lost);
}
