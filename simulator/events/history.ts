import { arrivals, floorSecond } from '../arrivals.ts';
import { fractionAt, hashAt, hashText, hexName, mix } from '../hash.ts';
import type { Organisation, Project } from '../organisation/types.ts';
import { isoSeconds, SECOND } from '../time.ts';
import { changeEvents } from './changes.ts';
import { organisationEvent, projectEvent } from './kinds.ts';

/** How long an event takes to become readable: from 1 to 20 seconds. */
const [QUICKEST, SLOWEST] = [1 * SECOND, 20 * SECOND];

/** An event of a project or organisation. Times in milliseconds since 1970. */
export interface SettledEvent {
  id: string;
  time: number;
  /** The time that Atlas gives: the second. */
  second: number;
  /** The first and last instant at which a client can read it. */
  visibleFrom: number;
  visibleUntil: number;
  /** Without links. */
  document: Record<string, unknown>;
}

/** Whose list it is: a project's, or the organisation's own. */
export interface EventOwner {
  organisation: Organisation;
  project: Project | undefined;
}

/** Returns every event of a list with a time in [from, to), oldest first, as a pure function of seed and time. */
export function settledEvents(
  { organisation, project }: EventOwner,
  from: number,
  to: number,
): SettledEvent[] {
  const key = hashText(`events/${organisation.seed}/${project?.key ?? organisation.id}`);
  const start = Math.max(from, project?.created ?? organisation.created);
  const make = (own: string, time: number, fields: Record<string, unknown>) =>
    eventAt({ organisation, project }, own, time, fields);
  const usual = arrivals(project?.events ?? organisation.events, key, start, to).map(({ time, index }) => {
    const hash = hashAt(mix(key + 1), index);
    const fields = project ? projectEvent(hash, project) : organisationEvent(hash, organisation.projects);
    return make(`${key}/${index}`, time, fields);
  });
  const changes = changeEvents(organisation, project, start, to).map(({ key: own, at, fields }) =>
    make(own, at, fields),
  );
  const shared =
    project === undefined && organisation.sharesProjectEvents
      ? organisation.projects.flatMap((each) => settledEvents({ organisation, project: each }, from, to))
      : [];
  return [...usual, ...changes, ...shared].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
}

function eventAt(
  { organisation, project }: EventOwner,
  own: string,
  time: number,
  fields: Record<string, unknown>,
): SettledEvent {
  const hash = hashText(`event/${own}`);
  const { lateShare, lateByMs } = project?.events ?? organisation.events;
  const second = floorSecond(time);
  const id = (second / SECOND).toString(16).padStart(8, '0') + hexName(`event/${own}`, 16);
  const late = fractionAt(hash, 1) < lateShare ? lateByMs : 0;
  const document = {
    ...fields,
    created: isoSeconds(second),
    ...(project === undefined ? { orgId: organisation.id } : { groupId: project.id }),
    id,
  };
  return {
    id,
    time,
    second,
    visibleFrom: time + late + QUICKEST + Math.floor(fractionAt(hash, 2) * (SLOWEST - QUICKEST)),
    visibleUntil: time + organisation.eventsRetention,
    document: Object.fromEntries(Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
