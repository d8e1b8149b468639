/** The average number of days in a month. */
export const DAYS = 365 / 12;

export const MINUTES_PER_MONTH = DAYS * 24 * 60;

export const GIGABYTE = 1024 ** 3;
export const TERABYTE = 1024 ** 4;

export interface Cost {
  item: string;
  /** The billed amount in a month. */
  amount: string;
  dollars: number;
}

/** Returns the dollars of all costs. */
export function total(costs: readonly Cost[]): number {
  return costs.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** Formats an amount as a whole number. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
