import * as z from 'zod';
import type { ResourceDocument, ResourceRead } from '../api.ts';
import { readPages } from '../pages.ts';
import { resourceBucket } from '../rate-limit/sets.ts';
import type { Requester } from '../requester.ts';

const document: z.ZodType<ResourceDocument> = z.record(z.string(), z.unknown());

/** The resources of any list that a catalogue describes. Their fields are not looked at here. */
export async function listResources(atlas: Requester, resources: ResourceRead): Promise<ResourceDocument[]> {
  const { resourceType, segments, query, version, answer, idField, limit } = resources;
  const bucket = resourceBucket(limit);
  const read = { operation: `list ${resourceType}`, bucket, segments, query, version, exact: true };
  if (answer === 'pages') return readPages(atlas, read, document, (found) => identity(found, idField));
  if (answer === 'array') return atlas.get(read, z.array(document));
  return [await atlas.get(read, document)];
}

/** What a page's items are told apart by: those without an id are told apart by their whole content. */
function identity(found: ResourceDocument, idField: string): string {
  const id = found[idField];
  return typeof id === 'string' ? id : JSON.stringify(found);
}
