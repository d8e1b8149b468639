import type { AlertConfiguration } from '../../shared/atlas/api.ts';
import type { ObservationTime } from './alert-changes.ts';
import { fingerprint } from './fingerprint.ts';
import { redacted } from './redaction.ts';

/** What can happen to a configuration, as the table `alert_configurations` names it. */
export type ConfigurationChange = 'added' | 'changed' | 'removed';

export interface DatedConfigurationChange {
  change: ConfigurationChange;
  /** When it happened; ms since the epoch. */
  ts: number;
}

/**
 * Returns a fingerprint of a configuration's content: 16 hexadecimal digits. It ignores `updated`, which also moves
 * when only a credential changes, and the lake must not show that.
 */
export function configurationContent({ document: { updated: _, ...document } }: AlertConfiguration): string {
  return fingerprint(redacted(document), 8);
}

/** Returns what happened to an existing configuration; `known` is its content when it was last observed. */
export function configurationChange(
  known: string | undefined,
  configuration: AlertConfiguration,
  time: ObservationTime,
): DatedConfigurationChange | null {
  if (known === undefined) return { change: 'added', ts: dated(configuration.created, time) };
  if (known === configurationContent(configuration)) return null;
  // Atlas has exchanged ids of notifiers without touching `updated` (observed), so an old `updated` dates nothing.
  return { change: 'changed', ts: dated(configuration.updated, time) };
}

/** Returns Atlas's date if it lies after the last run; otherwise the time of observation. */
function dated(atlasTime: number | null, { now, lastRun }: ObservationTime): number {
  return atlasTime !== null && atlasTime > lastRun && atlasTime <= now ? atlasTime : now;
}
