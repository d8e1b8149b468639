import * as z from 'zod';
import { DAY, HOUR, MINUTE, SECOND } from './durations.ts';

/** An ISO 8601 duration of days, hours, minutes and seconds (`P7D`, `PT25M`), in ms; undefined for other text. */
export function parseDuration(text: string): number | undefined {
  const match = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  return (days ?? 0) * DAY + (hours ?? 0) * HOUR + (minutes ?? 0) * MINUTE + (seconds ?? 0) * SECOND;
}

/** An ISO 8601 duration, in ms. */
export const duration = z.string().transform((text, context): number => {
  const parsed = parseDuration(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'expected an ISO 8601 duration such as PT25M or P7D' });
  return z.NEVER;
});
