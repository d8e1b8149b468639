import type { CommitRecord } from '../../shared/cursors/commit-record.ts';
import { isProjectId, type ProjectId } from '../../shared/ids.ts';
import { BatchFiles } from '../../shared/lake/batch-files.ts';
import { CommitLog } from '../../shared/lake/commit-log.ts';
import { objectKey } from '../../shared/lake/keys.ts';
import type { ObjectStore } from '../../shared/lake/object-store.ts';
import { sha256Of } from '../../shared/lake/object-store.ts';
import { Redactor } from '../../shared/lake/redaction.ts';
import type { TableRows } from '../../shared/lake/table.ts';

/** What happened to a batch after its objects were written. */
export type BatchEnd = 'committed' | 'given-up' | 'pending';

/** Returns the id of a project for tests. */
export function projectNumber(number: number): ProjectId {
  const id = number.toString(16).padStart(24, '0');
  if (!isProjectId(id)) throw new Error('not a project id');
  return id;
}

/** Writes the objects of a batch, and its commit record, in the form that the collector uses. Returns their keys. */
export async function writeBatch(
  lake: ObjectStore,
  { dataset, subject, batch, end }: { dataset: string; subject: ProjectId; batch: number; end: BatchEnd },
  rows: readonly TableRows[],
): Promise<string[]> {
  // A lake may have objects of both kinds.
  const files = new BatchFiles(new Redactor({}, null), batch % 2 === 0 ? 'gzip' : 'zstd');
  for (const one of rows) await files.add(one);
  const objects: CommitRecord['objects'][number][] = [];
  for (const [part, { table, day, compression, body, rows: count }] of (await files.finish()).entries()) {
    const key = objectKey({ table, day, subject, dataset, batch, part, compression });
    await lake.create(key, body);
    objects.push({ key, rows: count, bytes: body.length, sha256: sha256Of(body) });
  }
  const log = new CommitLog(lake);
  const scope = { dataset, subject };
  if (end === 'committed') {
    await log.write(scope, { batch, run: 'run', at: 0, objects, cursors: [], statistics: {} });
  }
  if (end === 'given-up') await log.giveUp(scope, batch, objects);
  return objects.map(({ key }) => key);
}
