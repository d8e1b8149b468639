/** Parses JSON without losing digits, for documents that are kept whole. */

/** A number that JavaScript cannot hold. JSON.stringify writes it with its original text. */
export type ExactNumber = Readonly<{ rawJSON: string }>;

declare global {
  /** ECMAScript's access to the source text of numbers. The type declarations do not have it yet. */
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): ExactNumber;
    isRawJSON(value: unknown): value is ExactNumber;
  }
}

/** A double may not hold a number with so many digits or such an exponent. Most documents contain nothing like it. */
const EXTREME_NUMBER = /[\d.]{16}|(?:^|[\s:,[-])[\d.]+[eE][-+]?\d{3}/;

/**
 * Parses JSON like `JSON.parse`, with an `ExactNumber` for each number that would lose digits.
 *
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  if (!EXTREME_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, { source: written }) =>
    typeof value === 'number' && written !== undefined && losesDigits(written, value)
      ? JSON.rawJSON(written)
      : value,
  );
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return JSON.isRawJSON(value);
}

/** Returns the nearest number that JavaScript has. Returns any other value unchanged. */
export function asNumber(value: unknown): unknown {
  return isExactNumber(value) ? Number(value.rawJSON) : value;
}

/**
 * Returns whether the number has other digits when written again. Ignores the decimal point's place and outer zeros. A
 * number that is too large or too small for a double has no digits left.
 */
function losesDigits(written: string, value: number): boolean {
  const isExtreme = written.length > 15 || /e/i.test(written);
  return isExtreme && digitsOf(written) !== digitsOf(String(value));
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
