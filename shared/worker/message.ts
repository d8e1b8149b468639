import * as z from 'zod';
import { subjectOf } from '../ids.ts';

/** An instant as EventBridge Scheduler writes it (`2026-11-24T12:00:00Z`), in ms since the epoch. */
const instant = z.iso.datetime().transform((text) => Date.parse(text));

/** What a schedule passes to `dispatch`. */
export const dispatchEventSchema = z.object({ dataset: z.string(), tick: instant });

/** What `dispatch` sends for each project or organisation, and a run for the rest of its work. */
const storedMessageSchema = z.object({
  dataset: z.string(),
  /** What kind of subject `project` names. */
  unit: z.enum(['project', 'organisation']).default('project'),
  project: z.string(),
  tick: instant,
  /** How many runs of the same tick came before. */
  continuation: z.int().min(0),
  /** The first tick that missed the project or organisation in Atlas's list; left out while it is listed. */
  unlistedSince: instant.optional(),
  /** The run makes sense from then on. */
  notBefore: instant.optional(),
});

const runMessageSchema = storedMessageSchema.transform(({ unit, project, ...message }, context) => {
  const subject = subjectOf(unit, project);
  if (subject) return { ...message, subject };
  context.addIssue({ code: 'custom', path: ['project'], message: `not the id of a ${unit}` });
  return z.NEVER;
});

export type RunMessage = z.infer<typeof runMessageSchema>;

export function parseRunMessage(body: string): RunMessage {
  return runMessageSchema.parse(JSON.parse(body));
}

export function formatRunMessage(message: RunMessage): string {
  const { subject, tick, notBefore, unlistedSince, ...rest } = message;
  return JSON.stringify({
    unit: subject.kind,
    project: subject.id,
    ...rest,
    tick: new Date(tick).toISOString(),
    ...(unlistedSince !== undefined && { unlistedSince: new Date(unlistedSince).toISOString() }),
    ...(notBefore !== undefined && { notBefore: new Date(notBefore).toISOString() }),
  });
}
