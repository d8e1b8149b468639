import { stripVTControlCharacters } from 'node:util';
import type { CredentialName } from '../shared/credential-name.ts';

/** Returns what messages call a credential. */
export function nameOfCredential(name: CredentialName): string {
  return name === null ? 'the credential without a name' : `credential ${name}`;
}

/** Returns a count with commas, such as 1,234. Node's own formatter takes longer to load than a short command. */
export function grouped(count: number): string {
  const digits = String(count);
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(end - 3, 0), end));
  return groups.join(',');
}

/**
 * Breaks a line between words, so that it fits a terminal's width. Later lines are indented. A word that is longer than
 * the width keeps its own line.
 */
export function wrapWords(line: string, width: number, indent = '  '): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (visibleLength(longer) <= width || current.trim() === '') {
      current = longer;
      continue;
    }
    lines.push(current.trimEnd());
    current = `${indent}${word}`;
  }
  return [...lines, current].join('\n');
}

/** Returns the number of characters without those that colour a text. */
function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}
