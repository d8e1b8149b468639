import { judge, type Verdict } from '../check/verdict.ts';
import { readConfig } from '../collector-config.ts';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { EXIT } from '../failure.ts';
import { iso } from '../times.ts';

export interface CheckCommandOptions {
  lake: string;
  config?: string;
  json: boolean;
  quiet: boolean;
}

const CODES = { well: EXIT.done, wrong: EXIT.incomplete, unknown: EXIT.usage } as const;

/** Prints whether all is well with a lake, and what is wrong. Returns 0 if all is well, 1 if not, 2 if it cannot tell. */
export async function check({ lake, config: file, json, quiet }: CheckCommandOptions): Promise<number> {
  const now = Date.now();
  const config = await readConfig(file);
  const verdict = await withLakeDatabase(lake, (connection) => judge(connection, { lake, config, now }));
  if (json) {
    process.stdout.write(`${JSON.stringify({ lake, checkedAt: iso(now), ...verdict })}\n`);
  } else if (!quiet || verdict.verdict !== 'well') {
    process.stdout.write(text(verdict));
  }
  return CODES[verdict.verdict];
}

function text({ summary, problems, notes }: Verdict): string {
  const lines = [
    summary,
    ...problems.map(({ message }) => `- ${message}`),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ];
  return `${lines.join('\n')}\n`;
}
