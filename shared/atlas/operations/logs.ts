import { SECOND } from '../../durations.ts';
import type { ProjectId } from '../../ids.ts';
import type { HostLog, LogReader, Span } from '../api.ts';
import { LineSplitter } from '../log-lines.ts';
import { clustersBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';

/**
 * Reads the lines of a log. Atlas stores logs in chunks of about five minutes and may return whole chunks, so lines of
 * other times can be among them (the reference of the endpoint). Whether the ends are included is not documented.
 *
 * Recorded responses have the rate limit of the cluster endpoints, 10,000 requests, and the name of their handler.
 */
export function readLog(
  atlas: Requester,
  project: ProjectId,
  { hostname, logName }: HostLog,
  { start, end }: Span,
  newReader: () => LogReader,
): Promise<void> {
  const read = {
    operation: 'readLog',
    bucket: clustersBucket(project),
    segments: ['groups', project, 'clusters', hostname, 'logs', `${logName}.gz`],
    query: [
      ['startDate', String(start / SECOND)],
      ['endDate', String(end / SECOND)],
    ],
  } as const;
  return atlas.download(read, () => new LineSplitter(newReader()));
}
