import { decodeRecord, isGivenUp } from '../../../shared/cursors/commit-record.ts';
import { batchOfRecord } from '../../../shared/lake/keys.ts';
import { textOfObject } from '../../support/decompressed.ts';
import type { World } from './world.ts';

/**
 * Lets all requests on their way arrive. Returns whether that changed the cursors or the rows of the lake. Objects that
 * were announced only in a lost table do not count: no run can know them, and `verify` must name them.
 */
export function lateRequestsChangeLake({ aws, scheduler, observer }: World): boolean {
  const [objects, items] = [new Map(aws.s3.objects), JSON.stringify(aws.dynamodb.items)];
  scheduler.deliverAllRequests();
  if (JSON.stringify(aws.dynamodb.items) !== items) return true;
  // An empty object counts as no object.
  const rows = (key: string, body: Buffer | undefined) => (body === undefined ? '' : textOfObject(key, body));
  const { orphans } = observer;
  return [...new Set([...objects.keys(), ...aws.s3.objects.keys()])].some((key) => {
    if (orphans.has(key) && !objects.has(key)) return false;
    const [before, after] = [objects.get(key), aws.s3.objects.get(key)];
    if (before === undefined && after !== undefined && givesUpNothing(key, after)) return false;
    return before !== after && rows(key, before) !== rows(key, after);
  });
}

/**
 * Returns whether an object says that a batch without objects is abandoned. A new header gives up the number that it
 * starts from. If its run dies, the next run starts from another number, and nothing waits for this one.
 */
function givesUpNothing(key: string, body: Buffer): boolean {
  if (batchOfRecord(key) === undefined) return false;
  const record = decodeRecord(body);
  return isGivenUp(record) && record.givenUp.length === 0;
}
