import type { ProjectId } from '../../ids.ts';
import type { AccessHistory } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { accessLogsBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import { shapeError } from '../responses.ts';
import * as schemas from '../schemas/access-history.ts';
import { reportStrays } from '../strays.ts';

/**
 * The most entries that a response has (the documented maximum of `nLogs`). There are no pages: a response with this
 * many means that Atlas omitted others of the same span.
 */
export const MAX_ENTRIES = 20_000;

/**
 * Reads the attempts to authenticate to a host. They come newest first, as far as is known.
 *
 * @param span first and last instant, ms since the epoch; whether either is inclusive is not documented
 */
export async function accessHistory(
  atlas: Requester,
  project: ProjectId,
  hostname: string,
  span: { start: number; end: number },
): Promise<AccessHistory> {
  const read = {
    operation: 'accessHistory',
    bucket: accessLogsBucket(project),
    segments: ['groups', project, 'dbAccessHistory', 'processes', hostname],
    // Without `authResult`, which would exclude one kind of attempt.
    query: [
      ['start', String(span.start)],
      ['end', String(span.end)],
      ['nLogs', String(MAX_ENTRIES)],
    ],
  } as const;
  const list = await atlas.get(read, schemas.accessHistory);
  const remarks = new ListRemarks(read.operation, ['accessLogs'], atlas.remarks);
  const history = schemas.readEntries(list, remarks);
  if (history.entries.length === 0 && history.unreadable.length > schemas.MAX_UNREADABLE) {
    throw shapeError({ path: ['accessLogs'], expected: 'no entry has a time' }, { ...read, attempts: 1 });
  }
  const times = history.entries.map(({ timestamp }) => timestamp);
  reportStrays(times, span, { remarks, field: 'timestamp' });
  return history;
}
