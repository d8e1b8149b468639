import { createHash } from 'node:crypto';
import type { World } from './world.ts';

/** Returns a hash of every object's key and body and of every item of the cursor table, in order. */
export function digestOf({ s3, dynamodb }: World['aws']): string {
  const hash = createHash('sha256');
  const keys = [...s3.objects.keys()].sort();
  for (const key of keys) hash.update(JSON.stringify([key, s3.objects.get(key)?.toString('base64')]));
  hash.update(JSON.stringify(dynamodb.items));
  return hash.digest('hex');
}
