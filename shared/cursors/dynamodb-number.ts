/**
 * The parts of a DynamoDB number in its wire format. They determine whether it fits and how many bytes it
 * takes.
 */
export interface DecimalParts {
  negative: boolean;
  /** Digits without leading or trailing zeros; empty for zero. */
  digits: string;
  /** Power of ten of the first digit. */
  exponent: number;
}

/** Returns the parts of a decimal number; null if the text is not one. */
export function decimalParts(text: string): DecimalParts | null {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') return null;
  const all = whole + fraction;
  let start = 0;
  while (all[start] === '0') start += 1;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end -= 1;
  return {
    negative: sign === '-',
    digits: all.slice(start, end),
    exponent: Number(power) + whole.length - 1 - start,
  };
}

/**
 * Returns the bytes that a number takes: one, one more for the sign of a negative number, and one for each
 * pair of digits, with pairs aligned to the decimal point.
 */
export function decimalBytes({ negative, digits, exponent }: DecimalParts): number {
  if (digits === '') return 1;
  const half = exponent % 2 === 0 ? 1 : 0;
  return 1 + (negative ? 1 : 0) + Math.ceil((digits.length + half) / 2);
}
