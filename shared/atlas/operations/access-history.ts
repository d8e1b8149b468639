import type { ProjectId } from '../../ids.ts';
import { shapeError } from '../answers.ts';
import type { AccessHistory } from '../api.ts';
import { ListRemarks } from '../items.ts';
import { accessLogsBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import * as schemas from '../schemas/access-history.ts';

/**
 * The most entries that one answer has (the documented maximum of `nLogs`). There are no pages: an answer of so many
 * means that others of the same span were left out.
 */
export const MOST_ENTRIES = 20_000;

/**
 * The attempts to authenticate to a host, newest first as far as is known.
 *
 * @param span first and last instant asked for, ms since the epoch; whether either is included is not documented
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
    // Without `authResult`, which would leave one kind of attempts out.
    query: [
      ['start', String(span.start)],
      ['end', String(span.end)],
      ['nLogs', String(MOST_ENTRIES)],
    ],
  } as const;
  const list = await atlas.get(read, schemas.accessHistory);
  const history = schemas.readEntries(list, new ListRemarks(read.operation, ['accessLogs'], atlas.remarks));
  if (history.entries.length === 0 && history.unreadable.length > schemas.MOST_UNREADABLE) {
    throw shapeError({ path: ['accessLogs'], expected: 'no entry has a time' }, { ...read, attempts: 1 });
  }
  return history;
}
