import type { EventOwner, SettledEvent } from './events/history.ts';
import { settledEvents } from './events/history.ts';

export type { EventOwner, SettledEvent } from './events/history.ts';
export { settledEvents } from './events/history.ts';

/** A request's span; ms since 1970. */
export interface EventSpan {
  start: number;
  end: number;
}

/** Returns what a client sees of a list of events: newest first. */
export function shownEvents(owner: EventOwner, { start, end }: EventSpan, now: number): SettledEvent[] {
  const { eventBounds: bounds, eventsRetention } = owner.organisation;
  // Neither older nor younger events are readable now.
  const from = Math.max(start, now - eventsRetention);
  const to = Math.min(end, now) + 1;
  return settledEvents(owner, from, to)
    .filter(({ time, visibleFrom, visibleUntil }) => {
      const isInSpan =
        (bounds.startsWith('[') ? time >= start : time > start) &&
        (bounds.endsWith(']') ? time <= end : time < end);
      return isInSpan && visibleFrom <= now && now <= visibleUntil;
    })
    .reverse();
}
