import { stripVTControlCharacters } from 'node:util';

/** Returns a whole number with commas, such as 1,234. Node's own formatter takes longer to load than a short command. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
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
