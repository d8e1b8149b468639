import { UsageFailure } from '../failure.ts';

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
    const [said = ''] = error.message.replace(/^Failed to extract statements: /, '').split(/\n\s*\nLINE /);
    throw new UsageFailure(said.trim().replaceAll(/\s*\n\s*/g, ' '), { cause: error });
  }
}
