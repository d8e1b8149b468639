import { hexName } from '../hash.ts';
import { isoSeconds } from '../time.ts';
import type { AlertConfigurationShape } from './shapes.ts';

/** The condition that raises alerts. */
export interface AlertConfiguration extends AlertConfigurationShape {
  /** 24 hexadecimal digits. */
  id: string;
  created: number;
}

export function buildConfiguration(
  shape: AlertConfigurationShape,
  within: { key: string; created: number },
): AlertConfiguration {
  const created = shape.created ?? within.created;
  return { ...shape, created, id: hexName(`alert configuration/${within.key}/${shape.name}`, 24) };
}

export function existsAt({ created, deleted }: AlertConfiguration, now: number): boolean {
  return now >= created && now < (deleted ?? Infinity);
}

/** Returns when its alerts are cancelled, because it is disabled or deleted; null for never. */
export function cancelledAt(configuration: AlertConfiguration, after: number): number | null {
  const disabled = (configuration.changes ?? [])
    .filter(({ at, fields }) => at > after && fields['enabled'] === false)
    .map(({ at }) => at);
  const ends = [...disabled, ...(configuration.deleted === undefined ? [] : [configuration.deleted])];
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Returns the configuration's document at an instant, without `links`, with keys in alphabetical order like Atlas. */
export function configurationDocument(configuration: AlertConfiguration, groupId: string, now: number) {
  const changes = (configuration.changes ?? []).filter(({ at }) => at <= now);
  return sortKeys({
    created: isoSeconds(configuration.created),
    enabled: configuration.enabled ?? true,
    eventTypeName: configuration.eventTypeName,
    groupId,
    id: configuration.id,
    matchers: [],
    notifications: [
      {
        delayMin: 0,
        emailEnabled: true,
        intervalMin: 60,
        notifierId: hexName(`notifier/${configuration.id}`, 24),
        roles: ['GROUP_OWNER'],
        smsEnabled: false,
        typeName: 'GROUP',
      },
    ],
    updated: isoSeconds(Math.max(configuration.created, ...changes.map(({ at }) => at))),
    ...configuration.fields,
    ...Object.assign({}, ...changes.map(({ fields }) => fields)),
  });
}

/** Sorts the keys of a document alphabetically, as Atlas does. */
export function sortKeys(document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1)));
}
