import { type EventOwner, type SettledEvent, shownEvents } from '../events.ts';
import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { organisationOf, projectOf } from '../http/lookups.ts';
import { page } from '../http/pages.ts';

const SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** The events of projects and organisations. */
export const EVENT_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'listEvents',
    path: '/api/atlas/v2/groups/{groupId}/events',
    versions: ['2023-01-01'],
    set: 'events',
    list: true,
    handle: (request) =>
      eventPage(request, { organisation: request.organisation, project: projectOf(request) }),
  },
  {
    operation: 'listOrganisationEvents',
    path: '/api/atlas/v2/orgs/{orgId}/events',
    versions: ['2023-01-01'],
    set: 'organisationEvents',
    list: true,
    handle: (request) => eventPage(request, { organisation: organisationOf(request), project: undefined }),
  },
];

/** Returns one page, with the count and the links as recorded: without a count, no page links to the next one. */
function eventPage(request: ApiRequest, owner: EventOwner): object {
  const { query, now, origin, path } = request;
  const span = { start: instant(query, 'minDate') ?? 0, end: instant(query, 'maxDate') ?? now };
  if (span.start > span.end) {
    throw new ApiError(400, 'START_DATE_AFTER_END_DATE', 'The start date is after the end date.', [
      'minDate',
    ]);
  }
  const types = query.getAll('eventType');
  const excluded = new Set(query.getAll('excludedEventType'));
  const isWanted = ({ document }: SettledEvent) => {
    const type = String(document['eventTypeName']);
    return (types.length === 0 || types.includes(type)) && !excluded.has(type);
  };
  const documents = shownEvents(owner, span, now)
    .filter(isWanted)
    .map(({ id, document }) => ({ ...document, links: [{ href: `${origin}${path}/${id}`, rel: 'self' }] }));
  const all = page(request, documents);
  if (query.get('includeCount') !== 'false') return all;
  return { ...all, links: [{ href: origin + path, rel: 'self' }], totalCount: 0 };
}

/** Returns a time of whole seconds. The recorded requests have no fraction, and other endpoints refuse one. */
function instant(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const time = Date.parse(text);
  if (SECONDS.test(text) && !Number.isNaN(time)) return time;
  throw new ApiError(400, 'INVALID_QUERY_PARAMETER', `An invalid value was given for ${name}: ${text}.`, [
    name,
  ]);
}
