import * as z from 'zod';
import type { ResourceDocument, ResourceRead } from '../api.ts';
import { depthFault } from '../depth.ts';
import { type ItemResult, type ItemType, ListRemarks, readItems } from '../items.ts';
import { type Listing, wholeListing } from '../listing.ts';
import { readPages } from '../pages.ts';
import { resourceBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';
import { idFields, type ResourceId, resourceIdOf } from '../resource-id.ts';
import { shapeError } from '../responses.ts';
import { rawList } from '../schemas/fields.ts';

const document: z.ZodType<ResourceDocument> = z.record(z.string(), z.unknown());

/** Reads the resources of any list that a catalogue describes. Checks only their ids. */
export async function listResources(
  atlas: Requester,
  resources: ResourceRead,
): Promise<Listing<ResourceDocument>> {
  const { resourceType, segments, query, version, response, id, limit } = resources;
  const bucket = resourceBucket(limit);
  const read = { operation: `list ${resourceType}`, bucket, segments, query, version, exact: true };
  if (response === 'pages') return known(await readPages(atlas, read, resource(id)), read.operation);
  if (response === 'array') {
    const items = await atlas.get(read, rawList);
    const remarks = new ListRemarks(read.operation, [], atlas.remarks);
    return known(readItems(items, resource(id), remarks), read.operation);
  }
  const one = await atlas.get(read, document);
  const tooDeep = depthFault(one);
  if (tooDeep) throw shapeError(tooDeep, { operation: read.operation, attempts: 1 });
  return wholeListing([one]);
}

/**
 * Rejects a list in which no item has an id: it is not the requested list.
 *
 * @throws AtlasResponseError (`shape`)
 */
function known<T>(listing: Listing<T>, operation: string): Listing<T> {
  const { items, unreadable, hasUnknown } = listing;
  if (!hasUnknown || items.length > 0 || unreadable.size > 0) return listing;
  throw shapeError({ path: [], expected: 'no resource has an id' }, { operation, attempts: 1 });
}

/** Returns the item type of resources. */
function resource(id: ResourceId): ItemType<ResourceDocument> {
  const rawKey = (raw: unknown): string | null => resourceIdOf(raw, id);
  return {
    read(raw): ItemResult<ResourceDocument> {
      const result = document.safeParse(raw);
      if (!result.success) return { fault: { path: [], expected: 'expected object' } };
      if (rawKey(raw) === null)
        return { fault: { path: [idFields(id).join(' or ')], expected: 'expected string' } };
      const tooDeep = depthFault(raw);
      return tooDeep ? { fault: tooDeep } : { value: result.data, nulls: [] };
    },
    key: (item) => rawKey(item) ?? '',
    rawKey,
  };
}
