import { UsageFailure } from '../failure.ts';
import { oneLine } from '../one-line.ts';

/**
 * What DuckDB says is wrong, as a failure of one line: its errors have paragraphs, the last of which draws an arrow
 * below the query.
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

/** The text up to the paragraph that begins with the number of a line of the query. */
function withoutArrow(text: string): string {
  const lines = text.split('\n');
  const arrow = lines.findIndex((line, index) => line.startsWith('LINE ') && lines[index - 1]?.trim() === '');
  return arrow < 0 ? text : lines.slice(0, arrow).join('\n');
}
