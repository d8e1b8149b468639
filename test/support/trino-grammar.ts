import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as z from 'zod';

/** What the parser says is wrong with a statement; nothing when Trino's grammar has it. */
export type TrinoCheck = (statement: string) => string[];

const parserModule = z.object({
  TrinoSQL: z.custom<new () => { validate(sql: string): Array<{ message: string; startLine: number }> }>(
    (value) => typeof value === 'function',
  ),
});

/** Trino's grammar. The parser's package imports files without their extensions, which Node does not: it is bundled. */
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
