import * as z from 'zod';
import type { UsageDetail } from '../api.ts';

/** 64 hexadecimal digits, as the reference shows it. */
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

const usageDetail: z.ZodType<UsageDetail> = z.object({
  service: z.string().min(1),
  usageDate,
  usageAmount: z.number(),
});

export const usageDetails: z.ZodType<UsageDetail[]> = z
  .object({ usageDetails: z.array(usageDetail) })
  .transform((document) => document.usageDetails);
