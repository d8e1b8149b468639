import type { Subject } from '../../ids.ts';
import type { AtlasEvent, EventPage, Span } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { ITEMS_PER_PAGE, readRawPage } from '../pages.ts';
import { wholeSeconds } from '../paths.ts';
import { eventsBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import { shapeError } from '../responses.ts';
import { event } from '../schemas/events.ts';
import { reportStrays } from '../strays.ts';

/** The version of the events, from the recorded responses. */
const EVENTS_VERSION = '2023-01-01';

/** Atlas's page size if it does not use the requested one. A page of this size may not be the last one. */
const DEFAULT_PAGE = 100;

/** More unreadable events than this, and no readable one, mean that the format changed. The read then fails. */
const MAX_UNREADABLE = 10;

const ROOTS = { project: 'groups', organisation: 'orgs' } as const;

/**
 * Reads one page of the events in a span. They come newest first, as far as is known.
 *
 * @param span first and last instant, ms since the epoch, whole seconds; whether either is inclusive is not documented
 * @param pageNum from 1
 */
export async function listEvents(
  atlas: Requester,
  subject: Subject,
  span: Span,
  pageNum: number,
): Promise<EventPage> {
  const read = {
    operation: 'listEvents',
    exact: true,
    version: EVENTS_VERSION,
    bucket: eventsBucket(subject),
    segments: [ROOTS[subject.kind], subject.id, 'events'],
    // Without a count, which makes Atlas read the whole span. Without `raw`, which repeats the event in another form.
    query: [
      ['minDate', wholeSeconds(span.start)],
      ['maxDate', wholeSeconds(span.end)],
      ['includeCount', 'false'],
    ],
  } as const;
  const { results, isFollowed } = await readRawPage(atlas, read, pageNum);
  const remarks = new ListRemarks(read.operation, ['results'], atlas.remarks);
  const page = readEvents(results, remarks);
  if (page.entries.length === 0 && page.unreadable.length > MAX_UNREADABLE) {
    throw shapeError(
      { path: ['results'], expected: 'no event has an id and a time' },
      { ...read, attempts: 1 },
    );
  }
  const times = page.entries.map(({ created }) => created);
  reportStrays(times, span, { remarks, field: 'created' });
  const { length: given } = results;
  return { ...page, given, more: given >= ITEMS_PER_PAGE || given === DEFAULT_PAGE || isFollowed };
}

/** Reads the events of a page. The neighbours of an unreadable event show when it happened, and its id which one it is. */
export function readEvents(
  results: readonly unknown[],
  remarks: ListRemarks,
): Pick<EventPage, 'entries' | 'unreadable'> {
  const entries: AtlasEvent[] = [];
  const faulty: Array<{ before: number; item: unknown }> = [];
  for (const [index, raw] of results.entries()) {
    const result = event.read(raw);
    if ('fault' in result) {
      const { path, expected } = result.fault;
      remarks.skipped({ path: [index, ...path], expected });
      faulty.push({ before: entries.length, item: raw });
      continue;
    }
    for (const { path, expected } of result.nulls) remarks.readAsNull({ path: [index, ...path], expected });
    entries.push(result.value);
  }
  return {
    entries,
    unreadable: faulty.map(({ before, item }) => ({
      neighbours: [entries[before - 1]?.created ?? null, entries[before]?.created ?? null],
      identity: event.rawKey(item),
    })),
  };
}
