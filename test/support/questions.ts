import { readFile } from 'node:fs/promises';

/** A question of the page and the query that answers it. */
export interface Question {
  title: string;
  sql: string;
}

/** Returns the questions of `docs/questions.md`: the headings, each with the one query below it. */
export async function questions(): Promise<Question[]> {
  const page = await readFile(new URL('../../docs/questions.md', import.meta.url), 'utf8');
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = ''] = section.split('\n');
      const [query, ...others] = [...section.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql = '']) => sql);
      if (query === undefined || others.length > 0) throw new Error(`not one query: ${title}`);
      return { title, sql: query.trimEnd() };
    });
}

/** Returns a query as it runs on a day (YYYY-MM-DD). */
export function onDay(sql: string, day: string): string {
  return sql.replaceAll('current_date', `DATE '${day}'`);
}
