import type { AlertConfiguration } from '../../shared/atlas/api.ts';
import type { SightingTime } from './alert-changes.ts';
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
 * What tells one content of a configuration from another: 16 hexadecimal digits. `updated` does not count, since it
 * also moves when nothing but a credential is changed, which the lake must not show.
 */
export function configurationContent({ document: { updated: _, ...document } }: AlertConfiguration): string {
  return fingerprint(redacted(document), 8);
}

/** What has happened to a configuration that is there, `known` being its content when it was last seen. */
export function configurationChange(
  known: string | undefined,
  configuration: AlertConfiguration,
  time: SightingTime,
): DatedConfigurationChange | null {
  if (known === undefined) return { change: 'added', ts: dated(configuration.created, time) };
  if (known === configurationContent(configuration)) return null;
  // Atlas has been seen to exchange ids of notifiers without touching `updated`: an old one dates nothing.
  return { change: 'changed', ts: dated(configuration.updated, time) };
}

/** When Atlas says that it happened, if that is since the last run; else when it was seen. */
function dated(told: number | null, { now, lastRun }: SightingTime): number {
  return told !== null && told > lastRun && told <= now ? told : now;
}
