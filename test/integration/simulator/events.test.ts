import { afterEach, describe, expect, test } from 'vitest';
import type { EventShape } from '../../../simulator/events/rules.ts';
import { type EventOwner, settledEvents } from '../../../simulator/events.ts';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, results, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const V = { Accept: 'application/vnd.atlas.2023-01-01+json' };

/** Starts a simulator with one project. */
async function start(events: EventShape, options: OrganisationOptions = {}) {
  const organisation = createOrganisation({
    ...options,
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1 }], events }],
  });
  const [project] = organisation.projects;
  api = await startApi({ organisation, now: T, rateLimits: false });
  const path = `/groups/${project?.id}/events`;
  const span = (from: number, to: number) => `minDate=${isoSeconds(from)}&maxDate=${isoSeconds(to)}`;
  const ids = async (query: string, at = path) =>
    results(await api.get(`${at}?itemsPerPage=500&${query}`, V)).map(({ id }) => id);
  const owner: EventOwner = { organisation, project };
  return { organisation, owner, path, ids, span };
}

const idsOf = (owner: EventOwner, from: number, to: number) =>
  settledEvents(owner, from, to)
    .map(({ id }) => id)
    .reverse();

describe('the list of events', () => {
  test('has the computed events of the span, newest first', async () => {
    const { owner, ids, span } = await start({ perHour: 60 });
    const [from, to] = [T - 5 * HOUR, T - HOUR];
    expect(idsOf(owner, from, to).length).toBeGreaterThan(100);
    expect(await ids(span(from, to))).toEqual(idsOf(owner, from, to));
  });

  test('has pages of at most 500, and links to the next one only with a count', async () => {
    const burst = { from: T - HOUR, to: T - HOUR + 3 * SECOND, perSecond: 400 };
    const { path, ids, owner } = await start({ bursts: [burst] });
    const pages = [await ids('pageNum=1'), await ids('pageNum=2'), await ids('pageNum=3')];
    expect(pages.map(({ length }) => length)).toEqual([500, 500, 200]);
    expect(pages.flat()).toEqual(idsOf(owner, burst.from, burst.to));
    const links = async (query: string) =>
      JSON.stringify((await api.get(`${path}?${query}`, V)).document['links']).match(/next/g);
    expect(await links('includeCount=false')).toBeNull();
    expect(await links('includeCount=true')).not.toBeNull();
    expect(await api.refusal(`${path}?itemsPerPage=501`)).toEqual([400, 'INVALID_QUERY_PARAMETER']);
  });

  test.each(['[]', '[)', '(]', '()'] as const)('includes the ends of a span as %s', async (eventBounds) => {
    const burst = { from: T - HOUR, to: T - HOUR + 2 * SECOND, perSecond: 1 };
    const { ids, span, owner } = await start({ bursts: [burst] }, { eventBounds });
    const all = idsOf(owner, burst.from, burst.to);
    const expected = all.slice(eventBounds.endsWith(']') ? 0 : 1, eventBounds.startsWith('[') ? 2 : 1);
    expect(await ids(span(burst.from, burst.from + SECOND))).toEqual(expected);
  });

  test('shows an event late, and drops it at the end of its retention', async () => {
    const burst = { from: T - MINUTE, to: T - MINUTE + SECOND, perSecond: 3 };
    const { ids } = await start(
      { bursts: [burst], lateShare: 1, lateByMs: 20 * MINUTE },
      { eventsRetention: 2 * DAY },
    );
    expect(await ids('')).toEqual([]);
    api.simulator.clock.advance(21 * MINUTE);
    expect(await ids('')).toHaveLength(3);
    api.simulator.clock.advance(2 * DAY);
    expect(await ids('')).toEqual([]);
  });

  test('refuses times with a fraction, and a span that ends before it starts', async () => {
    const { path } = await start({});
    expect(await api.refusal(`${path}?minDate=2026-03-02T12:00:00.000Z`)).toEqual([
      400,
      'INVALID_QUERY_PARAMETER',
    ]);
    const backwards = 'minDate=2026-03-02T12:00:00Z&maxDate=2026-03-02T11:00:00Z';
    expect(await api.refusal(`${path}?${backwards}`)).toEqual([400, 'START_DATE_AFTER_END_DATE']);
  });

  test('of the organisation has its own events, and those of its projects only on request', async () => {
    const shape = { perHour: 10 };
    const { organisation, owner, ids } = await start(shape, { events: shape });
    const list = `/orgs/${organisation.id}/events`;
    const own = await ids('', list);
    expect(own.length).toBeGreaterThan(100);
    await api.simulator.close();
    const shared = await start(shape, { events: shape, sharesProjectEvents: true });
    const all = new Set(await shared.ids(`minDate=${isoSeconds(T - HOUR)}`, list));
    for (const id of idsOf(owner, T - HOUR, T - MINUTE)) expect(all).toContain(id);
  });

  test('has an event for each change of a user, role, service account or team', async () => {
    const { owner } = await start({}, { drift: true });
    const week = settledEvents(owner, T - 7 * DAY, T);
    const kinds = new Set(week.map(({ document }) => document['eventTypeName']));
    expect([...kinds]).toEqual(
      expect.arrayContaining(['USER_ROLES_CHANGED_AUDIT', 'MONGODB_ROLE_UPDATED', 'JOINED_GROUP']),
    );
    const users = results(
      await api.get(`/groups/${owner.project?.id}/users`, {
        Accept: 'application/vnd.atlas.2025-02-19+json',
      }),
    );
    const named = new Set(week.map(({ document }) => document['targetUsername']));
    for (const { username } of users) expect(named).toContain(username);
  });
});
