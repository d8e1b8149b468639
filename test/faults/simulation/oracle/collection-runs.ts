import { instantOf } from '../../../support/times.ts';
import type { World } from '../world.ts';
import { dayOf, type Lake } from './lake.ts';

/** Checks that `collection_runs` counts every row once, and that its days cover every partition that was touched. */
export function checkCollectionRuns(world: World, lake: Lake, tables: readonly string[]): string[] {
  const violations: string[] = [];
  const reports = lake.rows('collection_runs');
  const scopes = new Set(world.observer.commits.map(({ dataset, subject }) => `${dataset}#${subject}`));
  for (const scope of scopes) {
    const [dataset = '', subject = ''] = scope.split('#');
    const own = reports
      .filter((row) => row.dataset === dataset && row.subject === subject)
      .sort((a, b) => a.sequence - b.sequence);
    const reported = own.reduce((sum, { values }) => sum + Number(values['rows']), 0);
    const written = tables
      .flatMap((table) => lake.rows(table))
      .filter((row) => row.dataset === dataset && row.subject === subject).length;
    const touched = world.observer.touched
      .filter((touch) => touch.dataset === dataset && touch.subject === subject)
      .flatMap(({ keys, sequence }) => keys.map((key) => ({ key, sequence, day: dayOf(key) })))
      .filter(({ key }) => !key.startsWith('collection_runs/'));
    if (reported !== written) violations.push(`${scope}: ${reported} rows reported, ${written} in the lake`);
    for (const { key, sequence, day } of touched) {
      const report = own.find((candidate) => candidate.sequence >= sequence);
      const first = String(report?.values['first_dt']);
      const last = String(report?.values['last_dt']);
      if (!report) violations.push(`${key} was touched, but no report followed`);
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
