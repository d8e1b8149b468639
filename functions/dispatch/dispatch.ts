import type { Project } from '../../shared/atlas/api.ts';
import type { Dataset } from '../../shared/collection/dataset.ts';
import { SECOND } from '../../shared/collection/durations.ts';
import { isRefusal } from '../../shared/collection/trouble.ts';
import { isEnabled } from '../../shared/config.ts';
import type { ProjectId } from '../../shared/ids.ts';
import type { Invocation } from '../../shared/lambda/dataset-handler.ts';
import { dispatchEventSchema } from '../../shared/lambda/message.ts';
import type { DispatchRuntime } from '../../shared/lambda/runtime.ts';

/** What a tick was sent to. */
export interface Dispatched {
  dataset: string;
  projects: ProjectId[];
  /** Projects that the configuration names and the credential cannot read. */
  unreadable: ProjectId[];
}

/** Of the time left, what is kept for sending the messages. */
const SENDING_TIME = 5 * SECOND;

/** The function that a schedule calls: lists the projects and sends one message for each. */
export function dispatchHandler(
  datasets: readonly Dataset[],
  runtime: () => Promise<DispatchRuntime>,
): (event: unknown, invocation: Invocation) => Promise<Dispatched> {
  return async (event, invocation) => {
    const { dataset: name, tick } = dispatchEventSchema.parse(event);
    const tools = await runtime();
    const { config, clock, log } = tools;
    const dataset = datasets.find((candidate) => candidate.name === name);
    if (!dataset) throw new Error('the event names a dataset that does not exist');
    if (!isEnabled(dataset, config)) return { dataset: name, projects: [], unreadable: [] };
    const deadline = clock.now() + invocation.getRemainingTimeInMillis() - SENDING_TIME;
    const readable = new Set((await listProjects(name, deadline, tools)).map(({ id }) => id));
    const wanted = (config.projects ?? [...readable]).filter((id) => !config.excludeProjects.includes(id));
    const projects = wanted.filter((id) => readable.has(id));
    const unreadable = wanted.filter((id) => !readable.has(id));
    await tools.queue(name).sendTick(name, tick, projects);
    log.info('tick dispatched', { dataset: name, projects: projects.length });
    if (unreadable.length > 0) {
      log.warn('configured projects that the credential cannot read', {
        dataset: name,
        projects: unreadable,
      });
    }
    return { dataset: name, projects, unreadable };
  };
}

async function listProjects(
  dataset: string,
  deadline: number,
  { atlas, log, onRefused }: DispatchRuntime,
): Promise<Project[]> {
  try {
    return await atlas.session({ deadline }).listProjects();
  } catch (error) {
    if (isRefusal(error)) {
      log.error('no project can be collected', { dataset, reason: error.message });
      onRefused(dataset);
    }
    throw error;
  }
}
