import { fractionAt, hashText } from '../hash.ts';
import { HOUR } from '../time.ts';

/**
 * Hours of a process whose namespaces are ranked late or never; until then their ranking is empty. An omitted field
 * matches all.
 */
export interface LateRankedNamespaces {
  projectId?: string;
  processId?: string;
  /** Hours that start in [from, to); milliseconds since 1970. */
  from?: number;
  to?: number;
  /** The random share of those hours, from 0 to 1. Default: 1, all. */
  share?: number;
  /** Milliseconds from the hour's end to its ranking; null means never. */
  lateByMs: number | null;
}

/** Returns when the rules first allow ranking an hour of a process, ms since 1970; null for never. */
export function rankedFrom(
  rules: readonly LateRankedNamespaces[],
  process: { projectId: string; processId: string },
  hour: number,
): number | null {
  let release = -Infinity;
  for (const [index, rule] of rules.entries()) {
    if (!matches(rule, process, hour) || !isDrawn(rule, index, process.processId, hour)) continue;
    if (rule.lateByMs === null) return null;
    release = Math.max(release, hour + HOUR + rule.lateByMs);
  }
  return release;
}

function matches(
  rule: LateRankedNamespaces,
  { projectId, processId }: { projectId: string; processId: string },
  hour: number,
): boolean {
  return (
    (rule.projectId ?? projectId) === projectId &&
    (rule.processId ?? processId) === processId &&
    hour >= (rule.from ?? -Infinity) &&
    hour < (rule.to ?? Infinity)
  );
}

function isDrawn(
  { share = 1 }: LateRankedNamespaces,
  index: number,
  processId: string,
  hour: number,
): boolean {
  // The text seeds the draw: with another one, other hours are late.
  return fractionAt(hashText(`late ranking ${index}/${processId}`), hour / HOUR) < share;
}
