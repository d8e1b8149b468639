import * as z from 'zod';
import { RECORDS_FOLDER } from '../../shared/lake/keys.ts';
import type { CatalogTable } from '../../shared/publication/catalog-state.ts';
import { PUBLICATION_FOLDER } from '../../shared/publication/slice-store.ts';
import type { SlicingTools } from './new-slices.ts';

const KNOWN_KEY = `${PUBLICATION_FOLDER}/tables.json`;

/** When the entry of each Iceberg table was created, ms. */
const knownSchema = z.record(z.string(), z.number());

export interface LostTablesTools
  extends Pick<SlicingTools, 'tables' | 'objects' | 'positions' | 'unrecorded'> {
  /** Reports a table that is published again from its first row, because its Iceberg table was dropped. */
  onRestart(table: string): void;
}

/**
 * Finds Iceberg tables that were dropped, or dropped and created again, since the last round, and lets the next rounds read
 * all commits again for them. A crash on the way does the same again, because what is known of a table changes last.
 */
export async function restartLostTables(
  existing: ReadonlyMap<string, CatalogTable>,
  { tables, objects, positions, unrecorded, onRestart }: LostTablesTools,
): Promise<void> {
  const body = await objects.read(KNOWN_KEY);
  const known = body === null ? {} : knownSchema.parse(JSON.parse(body.toString('utf8')));
  const next = new Map(Object.entries(known));
  const lost: string[] = [];
  // A table of a later version stays as it is.
  for (const { name } of tables) {
    const table = existing.get(name);
    const created = table?.kind === 'iceberg' ? table.created : undefined;
    if (known[name] !== undefined && known[name] !== created) lost.push(name);
    if (created === undefined) next.delete(name);
    else next.set(name, created);
  }
  if (lost.length > 0) {
    for (const dataset of await objects.folders(`${RECORDS_FOLDER}/`)) {
      const others = (await positions.readRestart(dataset))?.tables ?? [];
      await positions.writeRestart(dataset, {
        tables: [...new Set([...others, ...lost])],
        positions: new Map(),
      });
    }
    await unrecorded.restart(lost);
    for (const table of lost) onRestart(table);
  }
  const text = JSON.stringify(Object.fromEntries(next));
  if (text !== JSON.stringify(known)) await objects.overwrite(KNOWN_KEY, Buffer.from(text));
}
