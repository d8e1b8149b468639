import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A regular expression as it stands in a source file. */
export interface SourcePattern {
  /** Below the root of the repository. */
  file: string;
  pattern: RegExp;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * A literal behind something that a value can follow. A division has an operand before it, and a path in a text has more
 * letters after its last slash.
 */
const LITERAL =
  /(?:[(,=:[!&|?{};>]|\breturn)\s*(\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[dgimsuvy]*)(?!\w)/g;

/** All regular expressions in the sources of some folders. Those that are put together at run time are not found. */
export function patternsBelow(...folders: readonly string[]): SourcePattern[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .sort()
      .flatMap((name) => patternsIn(path.join(folder, name))),
  );
}

function patternsIn(file: string): SourcePattern[] {
  const source = readFileSync(path.join(ROOT, file), 'utf8');
  const code = source.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
  return [...code.matchAll(LITERAL)].map(([, literal = '']) => {
    const end = literal.lastIndexOf('/');
    return { file, pattern: new RegExp(literal.slice(1, end), literal.slice(end + 1)) };
  });
}
