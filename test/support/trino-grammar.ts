import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as z from 'zod';

/** Returns the parser's errors in a statement. Empty if it conforms to Trino's grammar. */
export type TrinoCheck = (statement: string) => string[];

const parserModule = z.object({
  TrinoSQL: z.custom<new () => { validate(sql: string): Array<{ message: string; startLine: number }> }>(
    (value) => typeof value === 'function',
  ),
});

/** Loads Trino's grammar. Bundles the parser's package, because it imports files without extensions, which Node cannot. */
export async function loadTrinoGrammar(): Promise<TrinoCheck> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trino-grammar-'));
  try {
    const outfile = path.join(folder, 'parser.mjs');
    await build({
      stdin: { contents: "export { TrinoSQL } from 'dt-sql-parser';", resolveDir: import.meta.dirname },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'error',
    });
    const { TrinoSQL } = parserModule.parse(await import(pathToFileURL(outfile).href));
    const parser = new TrinoSQL();
    return (statement) =>
      parser.validate(statement).map(({ message, startLine }) => `line ${startLine}: ${message}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
