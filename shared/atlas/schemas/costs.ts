import * as z from 'zod';
import type { CostUsage, UsageDetail } from '../api.ts';
import { faultOf, type ListRemarks } from '../items.ts';
import { name, rawList } from './fields.ts';

/** The reference shows 64 hexadecimal digits. */
export const costQueryToken: z.ZodType<string> = z
  .object({ token: z.string().regex(/^[\w-]{1,128}$/, 'expected a token') })
  .transform(({ token }) => token);

const usageDate = z.string().transform((text, context): number => {
  const date = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
  const instant = date === undefined ? Number.NaN : Date.parse(`${date}T00:00:00Z`);
  if (!Number.isNaN(instant)) return instant;
  context.addIssue({ code: 'custom', message: 'expected a date' });
  return z.NEVER;
});

/** US dollars of one service and month. Millionths of larger amounts cannot be told apart. */
const LARGEST_AMOUNT = 1e9;

const usageAmount = z
  .number()
  .refine((amount) => Math.abs(amount) <= LARGEST_AMOUNT, `expected at most ${LARGEST_AMOUNT} US dollars`);

const usageDetail: z.ZodType<UsageDetail> = z.object({ service: name, usageDate, usageAmount });

const lineOf = z.object({ service: name, usageDate });

/** Reads the lines of a response one by one. Without a list there are none, but that is no reason for amounts to end. */
export function readUsage(list: readonly unknown[] | null, remarks: ListRemarks): CostUsage {
  const usage: CostUsage = { details: [], unreadable: [], hasUnknown: list === null };
  if (list === null) remarks.readAsNull({ path: [], expected: 'expected array' });
  for (const [index, raw] of (list ?? []).entries()) {
    const result = usageDetail.safeParse(raw);
    if (result.success) {
      usage.details.push(result.data);
      continue;
    }
    const [issue] = result.error.issues;
    const { path, expected } = issue ? faultOf(issue) : { path: [], expected: 'unexpected' };
    remarks.skipped({ path: [index, ...path], expected });
    const line = lineOf.safeParse(raw);
    if (line.success) usage.unreadable.push(line.data);
    else usage.hasUnknown = true;
  }
  return usage;
}

export const usageDetails: z.ZodType<unknown[] | null> = z
  .object({ usageDetails: rawList.nullable() })
  .transform((document) => document.usageDetails);
