import { stripVTControlCharacters } from 'node:util';

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
