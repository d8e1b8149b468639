import { oneLine } from '../../shared/one-line.ts';
import { UsageFailure } from '../failure.ts';
import { Interrupted } from '../interruption.ts';
import { systemAdvice } from '../system-errors.ts';

/**
 * Runs work and reports DuckDB's errors on one line. DuckDB's messages have several paragraphs, and the last one draws
 * an arrow below the query.
 * @throws {UsageFailure}
 * @throws {Interrupted} when the connection was interrupted
 */
export async function inOneLine<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.message.startsWith('INTERRUPT Error')) throw new Interrupted();
    const advice = error.message.startsWith('IO Error: ') ? systemAdvice(error) : undefined;
    if (advice) throw new UsageFailure(advice.says, { cause: error });
    const said = error.message.replace(/^Failed to extract statements: /, '');
    throw new UsageFailure(outsideOfLake(said) ?? oneLine(withoutArrow(said)), { cause: error });
  }
}

/** Returns a message for a file that SQL must not open; undefined for other errors. */
function outsideOfLake(text: string): string | undefined {
  const place = /^Permission Error: Cannot access (?:file|directory) "([^"]*)"/.exec(text)?.[1];
  if (place === undefined) return undefined;
  return `queries can only read the lake, not ${JSON.stringify(place)}; --output FILE writes a result to a file`;
}

/** Returns the text before the paragraph that starts with `LINE` and a line number of the query. */
function withoutArrow(text: string): string {
  const lines = text.split('\n');
  const arrow = lines.findIndex((line, index) => line.startsWith('LINE ') && lines[index - 1]?.trim() === '');
  return arrow < 0 ? text : lines.slice(0, arrow).join('\n');
}
