import * as z from 'zod';
import type { Outcome } from './plan.ts';
import type { Plan, Publisher } from './publisher.ts';

const purposeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('catalog'), table: z.string() }),
  z.strictObject({ kind: z.literal('merge'), table: z.string(), slice: z.string() }),
  z.strictObject({ kind: z.literal('maintenance'), table: z.string() }),
]);

const outcomeSchema: z.ZodType<Outcome> = z.strictObject({
  purpose: purposeSchema,
  error: z.string().nullable(),
  isSkipped: z.literal(true).optional(),
});

const roundFields = { execution: z.string().min(1), number: z.int().min(1) };

const eventSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('prepare'), ...roundFields, readsCommits: z.boolean() }),
  z.strictObject({
    action: z.literal('settle'),
    ...roundFields,
    /** One list for each group of statements. */
    outcomes: z.array(z.array(outcomeSchema)),
  }),
  z.strictObject({ action: z.literal('abandon'), execution: z.string().min(1) }),
]);

/** What the function returns to the state machine. */
export type PublishResult = Plan | { continues: boolean; failures: number };

/** Returns the function that the state machine calls before and after the statements of a round. */
export function publishHandler(
  publisher: () => Publisher,
): (event: unknown) => Promise<PublishResult | null> {
  return async (input) => {
    const event = eventSchema.parse(input);
    if (event.action === 'prepare') return publisher().prepare(event, event.readsCommits);
    if (event.action === 'settle') return publisher().settle(event, event.outcomes.flat());
    await publisher().abandon(event);
    return null;
  };
}
