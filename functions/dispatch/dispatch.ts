import type { Dataset } from '../../shared/collection/dataset.ts';
import { SECOND } from '../../shared/collection/durations.ts';
import { isEnabled } from '../../shared/config.ts';
import type { ProjectId } from '../../shared/ids.ts';
import type { Invocation } from '../../shared/lambda/dataset-handler.ts';
import { dispatchEventSchema } from '../../shared/lambda/message.ts';
import type { Runtime } from '../../shared/lambda/runtime.ts';

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
  runtime: () => Promise<Runtime>,
): (event: unknown, invocation: Invocation) => Promise<Dispatched> {
  return async (event, invocation) => {
    const { dataset: name, tick } = dispatchEventSchema.parse(event);
    const { config, atlas, clock, log, queue } = await runtime();
    const dataset = datasets.find((candidate) => candidate.name === name);
    if (!dataset) throw new Error('the event names a dataset that does not exist');
    if (!isEnabled(dataset, config)) return { dataset: name, projects: [], unreadable: [] };
    const deadline = clock.now() + invocation.getRemainingTimeInMillis() - SENDING_TIME;
    const readable = new Set((await atlas.session({ deadline }).listProjects()).map(({ id }) => id));
    const wanted = (config.projects ?? [...readable]).filter((id) => !config.excludeProjects.includes(id));
    const projects = wanted.filter((id) => readable.has(id));
    const unreadable = wanted.filter((id) => !readable.has(id));
    await queue(name).sendTick(name, tick, projects);
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
