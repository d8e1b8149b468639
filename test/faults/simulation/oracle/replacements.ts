import { textOfObject } from '../../../support/decompressed.ts';
import { commandOf } from '../backfills.ts';
import type { World } from '../world.ts';

const NOTE = /^_replaced\/(.*)\.json$/;

/** Returns the deleted objects that the lake says are replaced. */
export function replacedObjects({ aws }: Pick<World, 'aws'>): string[] {
  return [...aws.s3.objects.keys()].flatMap((key) => NOTE.exec(key)?.[1] ?? []);
}

/** Checks that only deleted objects count as replaced, and only if backfills wrote as many rows of their day since. */
export function checkReplacements(world: World): string[] {
  const { deleted, commits } = world.observer;
  const replaced = replacedObjects(world);
  const strangers = replaced.filter((key) => !deleted.has(key));
  const days = Map.groupBy(
    replaced.filter((key) => deleted.has(key)),
    dayOf,
  );
  const violations = strangers.map((key) => `${key} counts as replaced, but nobody deleted it`);
  for (const [day, keys] of days) {
    const gone = keys.reduce((sum, key) => sum + rowsIn(key, deleted.get(key)?.body), 0);
    const since = Math.min(...keys.map((key) => deleted.get(key)?.at ?? 0));
    const written = commits
      .filter(({ run, at }) => commandOf(run) !== undefined && at >= since)
      .flatMap(({ objects }) => [...objects])
      .filter(([key]) => dayOf(key) === day && !deleted.has(key))
      .reduce((sum, [key, body]) => sum + rowsIn(key, body), 0);
    if (written < gone)
      violations.push(`${day}: ${gone} deleted rows count as replaced, but backfills wrote ${written}`);
  }
  return violations;
}

/** Returns the table and day of an object, and whose it is. */
function dayOf(key: string): string {
  return key.replace(/-[a-z_]+-\d{10}-\d+\.json\.\w+$/, '');
}

function rowsIn(key: string, body: Buffer | undefined): number {
  return body === undefined ? 0 : textOfObject(key, body).split('\n').length - 1;
}
