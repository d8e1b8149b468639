import * as z from 'zod';
import { credentialField } from '../credential-name.ts';
import { subjectOf } from '../ids.ts';

/** An instant as EventBridge Scheduler writes it (`2026-11-24T12:00:00Z`), in ms since the epoch. */
const instant = z.iso.datetime().transform((text) => Date.parse(text));

/** The event that a schedule passes to `dispatch`. */
export const dispatchEventSchema = z.object({
  dataset: z.string(),
  tick: instant,
  /** The configured time between two ticks. Schedules of earlier versions do not have it. */
  everyMinutes: z.int().positive().optional(),
});

/** The message that starts a run. `dispatch` sends one for each subject, and a run sends one for its remaining work. */
const storedMessageSchema = z.object({
  dataset: z.string(),
  /** The kind of subject that `project` identifies. */
  unit: z.enum(['project', 'organisation']).default('project'),
  project: z.string(),
  /** The name of the credential that reads it; omitted if it has none. Earlier versions know no names. */
  credential: z.string().nullable().default(null),
  tick: instant,
  /** Number of runs of the same tick before this one. */
  continuation: z.int().min(0),
  /** The first tick that missed the project or organisation in Atlas's list; omitted while it is listed. */
  unlistedSince: instant.optional(),
  /** The earliest time at which the run is useful. */
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
  const { subject, credential, tick, notBefore, unlistedSince, ...rest } = message;
  return JSON.stringify({
    unit: subject.kind,
    project: subject.id,
    ...credentialField(credential),
    ...rest,
    tick: new Date(tick).toISOString(),
    ...(unlistedSince !== undefined && { unlistedSince: new Date(unlistedSince).toISOString() }),
    ...(notBefore !== undefined && { notBefore: new Date(notBefore).toISOString() }),
  });
}
