/** JSON without the loss of digits, for documents that are kept whole. */

/** A number that JavaScript cannot hold: written as the text it came as. */
export type ExactNumber = Readonly<{ rawJSON: string }>;

declare global {
  /** ECMAScript's access to the source text of numbers, which the type declarations do not have yet. */
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): ExactNumber;
    isRawJSON(value: unknown): value is ExactNumber;
  }
}

/** As many digits as a number has that a double may not hold; in most documents nothing looks like it. */
const LONG_NUMBER = /[\d.]{16}/;

/**
 * Parses JSON as `JSON.parse` does, with `ExactNumber` in place of each number that would lose digits.
 *
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, { source: written }) =>
    typeof value === 'number' && written !== undefined && losesDigits(written, value)
      ? JSON.rawJSON(written)
      : value,
  );
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return JSON.isRawJSON(value);
}

/** The nearest number that JavaScript has. Anything else stays as it is. */
export function asNumber(value: unknown): unknown {
  return isExactNumber(value) ? Number(value.rawJSON) : value;
}

/** Whether the number, written again, has other digits. Where the point stands, and zeros at the ends, do not count. */
function losesDigits(written: string, value: number): boolean {
  return written.length > 15 && digitsOf(written) !== digitsOf(String(value));
}

function digitsOf(number: string): string {
  const [mantissa = ''] = number.toLowerCase().split('e');
  const digits = mantissa.replaceAll(/[^\d]/g, '');
  let start = 0;
  let end = digits.length;
  while (digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return digits.slice(start, end);
}
