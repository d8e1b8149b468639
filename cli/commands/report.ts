import { writeFile } from 'node:fs/promises';
import { judge } from '../check/verdict.ts';
import { readConfig } from '../collector-config.ts';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { queryRows } from '../duckdb/query.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { clusters } from '../report/clusters.ts';
import { reportDocument } from '../report/document.ts';
import { pageCode } from '../report/page-code.ts';
import { audit } from '../report/sections/audit.ts';
import { costs } from '../report/sections/costs.ts';
import { databases } from '../report/sections/databases.ts';
import { disks } from '../report/sections/disks.ts';
import { incidents } from '../report/sections/incidents.ts';
import { inventory } from '../report/sections/inventory.ts';
import { logins } from '../report/sections/logins.ts';
import { namespaces } from '../report/sections/namespaces.ts';
import { overview } from '../report/sections/overview.ts';
import { processes } from '../report/sections/processes.ts';
import { slowQueries } from '../report/sections/slow-queries.ts';
import { SUBJECT_NAMES, subjectNames } from '../subject-names.ts';
import { systemAdvice } from '../system-errors.ts';

export interface ReportOptions {
  lake: string;
  output: string;
  config?: string;
  quiet: boolean;
}

/** Writes a report of the lake as one self-contained HTML file. */
export async function report({ lake, output, config: file, quiet }: ReportOptions): Promise<number> {
  const now = Date.now();
  const configuration = await readConfig(file);
  const content = await withLakeDatabase(lake, async (connection) => {
    const query = (sql: string) => queryRows(connection, sql);
    const verdict = await judge(connection, { lake, ...configuration, now });
    const names = subjectNames(await query(SUBJECT_NAMES));
    const first = await overview(query, now);
    const others = [
      await processes(query),
      await disks(query),
      await databases(query),
      await namespaces(query),
      await slowQueries(query),
      await logins(query),
      await incidents(query),
      await inventory(query),
      await audit(query),
      await costs(query, now),
    ];
    const { list, pages } = await clusters(query, [first, ...others], names);
    return { verdict, names, sections: [first, list, ...others], pages };
  });
  const created = new Date(now).toISOString().slice(0, 16).replace('T', ' ');
  const subtitle = `Lake ${lake}, created ${created} UTC`;
  const title = 'MongoDB Atlas lake report';
  const page = reportDocument({ title, subtitle, ...content }, await pageCode());
  try {
    await writeFile(output, page);
  } catch (error) {
    const why = systemAdvice(error)?.says ?? String(error);
    throw new UsageFailure(`cannot write the report: ${why}`, { cause: error });
  }
  if (!quiet) process.stdout.write(`Wrote ${output}. Open it in a browser.\n`);
  return EXIT.done;
}
