import type { Alert, AlertConfiguration } from '../../../shared/atlas/api.ts';
import type { ItemType } from '../../../shared/atlas/items.ts';
import * as schemas from '../../../shared/atlas/schemas/alerts.ts';
import { T } from '../../support/times.ts';

export const iso = (instant: number) => new Date(instant).toISOString();

/** Returns an alert as the client does, from a document with the given fields. */
export function alertOf(fields: Record<string, unknown> = {}): Alert {
  const document = {
    alertConfigId: '5efdb59f93fc35705f337179',
    created: iso(T),
    eventTypeName: 'NO_PRIMARY',
    groupId: '6a793f5cc0eb9e7a177147ec',
    id: '5efdb5dd5b306e51e2e9b05b',
    status: 'OPEN',
    updated: iso(T),
    ...fields,
  };
  return read(schemas.alert, document);
}

export function configurationOf(fields: Record<string, unknown> = {}): AlertConfiguration {
  const document = {
    created: iso(T),
    enabled: true,
    eventTypeName: 'NO_PRIMARY',
    groupId: '6a793f5cc0eb9e7a177147ec',
    id: '5efdb59f93fc35705f337179',
    matchers: [],
    notifications: [],
    updated: iso(T),
    ...fields,
  };
  return read(schemas.alertConfiguration, document);
}

function read<T>(type: ItemType<T>, document: unknown): T {
  const result = type.read(document);
  if ('value' in result) return result.value;
  throw new Error(`${result.fault.path.join('.')}: ${result.fault.expected}`);
}
