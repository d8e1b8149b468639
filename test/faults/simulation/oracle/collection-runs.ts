import * as z from 'zod';
import { instantOf } from '../../../support/times.ts';
import { plain } from '../cursor-changes.ts';
import type { World } from '../world.ts';
import { dayOf, type Lake } from './lake.ts';

/** What a header counts since the last report. */
interface Unreported {
  rows: number;
  first: string;
  last: string;
}

const headerSchema = z.object({
  pk: z.string(),
  ledger: z
    .object({
      totals: z.object({ rows: z.int(), first_dt: z.string().nullable(), last_dt: z.string().nullable() }),
    })
    .nullable(),
});

/** Returns what the headers count since the last reports, by dataset and subject. */
function unreported({ aws }: World): Map<string, Unreported> {
  const headers = aws.dynamodb.items.map(plain).filter(({ sk }) => sk === 'header');
  return new Map(
    headers.flatMap((header): Array<[string, Unreported]> => {
      const { pk, ledger } = headerSchema.parse(header);
      if (ledger === null) return [];
      const { rows, first_dt: first, last_dt: last } = ledger.totals;
      return [[pk, { rows, first: first ?? '', last: last ?? '' }]];
    }),
  );
}

/**
 * Checks that `collection_runs`, and the headers since its last rows, count every row once, and that their days cover every
 * partition that was touched.
 */
export function checkCollectionRuns(world: World, lake: Lake, tables: readonly string[]): string[] {
  const violations: string[] = [];
  const reports = lake.rows('collection_runs');
  const rest = unreported(world);
  const scopes = new Set(world.observer.commits.map(({ dataset, subject }) => `${dataset}#${subject}`));
  for (const scope of scopes) {
    const [dataset = '', subject = ''] = scope.split('#');
    const own = reports
      .filter((row) => row.dataset === dataset && row.subject === subject)
      .sort((a, b) => a.sequence - b.sequence);
    const open = rest.get(scope);
    const reported = own.reduce((sum, { values }) => sum + Number(values['rows']), open?.rows ?? 0);
    const written = [...tables.flatMap((table) => lake.rows(table)), ...lake.replaced].filter(
      (row) => row.dataset === dataset && row.subject === subject,
    ).length;
    const touched = world.observer.touched
      .filter((touch) => touch.dataset === dataset && touch.subject === subject)
      .flatMap(({ keys, sequence }) => keys.map((key) => ({ key, sequence, day: dayOf(key) })))
      .filter(({ key }) => !key.startsWith('collection_runs/'));
    if (reported !== written) violations.push(`${scope}: ${reported} rows reported, ${written} in the lake`);
    for (const { key, sequence, day } of touched) {
      const report = own.find((candidate) => candidate.sequence >= sequence);
      const first = report ? String(report.values['first_dt']) : open?.first;
      const last = report ? String(report.values['last_dt']) : open?.last;
      if (!first || !last) violations.push(`${key} was touched, but no report followed`);
      else if (day < first || day > last)
        violations.push(`${key} was touched; the report says ${first} to ${last}`);
    }
    for (const { values, ts } of own) {
      if (instantOf(values['finished_at']) < ts)
        violations.push(`${scope}: a run that finished before it started`);
    }
  }
  return violations;
}
