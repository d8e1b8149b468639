import type { CostUsage } from '../../shared/atlas/api.ts';
import { DAY } from '../../shared/durations.ts';

/** What is known of the months that may still change. */
export interface OpenMonths {
  /** The first open month: earlier ones are closed. */
  from: number;
  /** US dollars, by month and service. */
  amounts: ReadonlyMap<string, number>;
}

/** An amount that differs from the known one. */
export interface AmountChange {
  month: number;
  service: string;
  amount: number;
  change: number;
}

/** Atlas bills a month in the first days of the next one, and adds late usage to it then. */
const CLOSED_AFTER = 10 * DAY;

/** Closing a month loses its lines that cannot be read yet. A first run requests a year by default, too. */
const CLOSED_UNREAD_AFTER = 365 * DAY;

/** Returns the first instant of a month. */
export function monthOf(instant: number): number {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

export function monthAfter(month: number): number {
  const date = new Date(month);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/**
 * Merges a response for all open months: returns the changed amounts, and the months that are still open. Several
 * amounts of one service and month, for example from two invoices, are added up. An amount that is no longer there
 * becomes zero. If a line of an amount cannot be read, the amount stays as it was. If it is unknown which amount a line
 * belongs to, every amount that would shrink stays. A month stays open for a year while a line cannot be read.
 */
export function mergeUsage(
  { from, amounts }: OpenMonths,
  { details, unreadable, hasUnknown }: CostUsage,
  now: number,
): { changes: AmountChange[]; open: OpenMonths } {
  const current = new Map<string, number>();
  for (const { service, usageDate, usageAmount } of details) {
    const month = monthOf(usageDate);
    if (month < from) continue;
    const key = keyOf(month, service);
    current.set(key, cents((current.get(key) ?? 0) + usageAmount));
  }
  const stays = new Set(unreadable.map(({ service, usageDate }) => keyOf(monthOf(usageDate), service)));
  for (const key of new Set([...amounts.keys(), ...current.keys()])) {
    const before = amounts.get(key);
    if (!stays.has(key) && !(hasUnknown && (current.get(key) ?? 0) < (before ?? 0))) continue;
    if (before === undefined) current.delete(key);
    else current.set(key, before);
  }
  const changes: AmountChange[] = [];
  for (const key of new Set([...amounts.keys(), ...current.keys()])) {
    const [before, amount] = [amounts.get(key) ?? 0, current.get(key) ?? 0];
    if (before !== amount) changes.push({ ...partsOf(key), amount, change: cents(amount - before) });
  }
  const isWhole = unreadable.length === 0 && !hasUnknown;
  const closedAfter = isWhole ? CLOSED_AFTER : CLOSED_UNREAD_AFTER;
  let open = from;
  while (monthAfter(open) + closedAfter <= now) open = monthAfter(open);
  const kept = [...current].filter(([key]) => partsOf(key).month >= open);
  return { changes, open: { from: open, amounts: new Map(kept) } };
}

/** Rounds an amount. Amounts are sums of fractions of cents; anything below a millionth is floating-point noise. */
function cents(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

function keyOf(month: number, service: string): string {
  return `${month}/${service}`;
}

function partsOf(key: string): { month: number; service: string } {
  const slash = key.indexOf('/');
  return { month: Number(key.slice(0, slash)), service: key.slice(slash + 1) };
}
