/** What programs write for numbers that JSON does not have. */
const NOT_A_NUMBER = /-?\b(?:NaN|Infinity)\b/g;

/**
 * Replaces each bare NaN and Infinity with null, and counts them. Returns null if they cannot be why the text is not
 * JSON. Leaves strings unchanged, and takes linear time.
 */
export function withoutNotNumbers(text: string): { text: string; count: number } | null {
  if (!text.includes('NaN') && !text.includes('Infinity')) return null;
  const pieces: string[] = [];
  let count = 0;
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const outside = text.slice(at, quote === -1 ? text.length : quote);
    pieces.push(
      outside.replace(NOT_A_NUMBER, () => {
        count += 1;
        return 'null';
      }),
    );
    if (quote === -1) break;
    const end = endOfString(text, quote);
    if (end === -1) return null;
    pieces.push(text.slice(quote, end));
    at = end;
  }
  return count === 0 ? null : { text: pieces.join(''), count };
}

/**
 * Returns the index after the quote that ends a string, or -1. A quote after an odd number of backslashes is part of
 * the string.
 */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let first = quote;
    while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    if ((quote - first) % 2 === 0) return quote + 1;
  }
  return -1;
}

const BACKSLASH = 0x5c;
