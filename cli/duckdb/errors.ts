import { oneLine } from '../../shared/one-line.ts';
import { UsageFailure } from '../failure.ts';

/**
 * Runs work and reports DuckDB's errors on one line. DuckDB's messages have several paragraphs, and the last one draws
 * an arrow below the query.
 * @throws {UsageFailure}
 */
export async function inOneLine<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const said = error.message.replace(/^Failed to extract statements: /, '');
    throw new UsageFailure(oneLine(withoutArrow(said)), { cause: error });
  }
}

/** Returns the text before the paragraph that starts with `LINE` and a line number of the query. */
function withoutArrow(text: string): string {
  const lines = text.split('\n');
  const arrow = lines.findIndex((line, index) => line.startsWith('LINE ') && lines[index - 1]?.trim() === '');
  return arrow < 0 ? text : lines.slice(0, arrow).join('\n');
}
