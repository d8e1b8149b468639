import { describe, expect, it } from 'vitest';
import { collectAlerts } from '../../../functions/alerts/collector.ts';
import { type AlertsState, newState } from '../../../functions/alerts/state.ts';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { AtlasApiError } from '../../../shared/atlas/errors.ts';
import { type Listing, wholeListing } from '../../../shared/atlas/listing.ts';
import { MINUTE } from '../../../shared/durations.ts';
import type { ProjectId } from '../../../shared/ids.ts';
import { T } from '../../support/times.ts';
import { alertOf, configurationOf } from './alert-documents.ts';

const PROJECT = '6a793f5cc0eb9e7a177147ec' as ProjectId;
const NOTHING = { unreadable: new Set<string>(), hasUnknown: true };

type Lists = Pick<
  AtlasSession,
  | 'listAlertConfigurations'
  | 'getAlertConfiguration'
  | 'listAlertsOfConfiguration'
  | 'listAlertsSince'
  | 'getAlert'
>;

const readable: Lists = {
  listAlertConfigurations: async () => wholeListing([configurationOf()]),
  getAlertConfiguration: async () => configurationOf(),
  listAlertsOfConfiguration: async () => wholeListing([alertOf()]),
  listAlertsSince: async (_project, status) => wholeListing(status === 'OPEN' ? [alertOf()] : []),
  getAlert: async () => alertOf(),
};

const lacking = <T>(): Listing<T> => ({ items: [], ...NOTHING });

/** Nothing can be read, neither in lists nor by id. */
const unreadable: Lists = {
  listAlertConfigurations: async () => lacking(),
  getAlertConfiguration: async () => null,
  listAlertsOfConfiguration: async () => lacking(),
  listAlertsSince: async () => lacking(),
  getAlert: async () => null,
};

function gone(): never {
  const report = { status: 404, errorCode: 'ALERT_NOT_FOUND', reason: 'Not Found', detail: null };
  throw new AtlasApiError(report, { operation: 'getAlert', attempts: 1 });
}

async function run(state: AlertsState, lists: Lists, minute: number) {
  const now = T + minute * MINUTE;
  const step = collectAlerts(PROJECT, state, { tick: now, now });
  const { state: next, tables, gaps } = await step(lists as AtlasSession, () => now);
  return { state: next, changes: tables.flatMap(({ rows }) => rows.map((row) => row['change'])), gaps };
}

describe('known alerts and configurations that cannot be read', () => {
  it('stay as they were, however long that lasts', async () => {
    const first = await run(newState(T), readable, 1);
    expect(first.changes).toEqual(['opened', 'added']);
    let { state } = first;
    for (const minute of [2, 3, 4]) {
      const next = await run(state, unreadable, minute);
      expect(next).toMatchObject({ changes: [], gaps: [] });
      state = next.state;
    }
    expect(await run(state, readable, 5)).toMatchObject({ changes: [], gaps: [] });
  });

  it('are gone when Atlas answers 404', async () => {
    const { state } = await run(newState(T), readable, 1);
    const removed = {
      ...unreadable,
      getAlertConfiguration: async () => gone(),
      getAlert: async () => gone(),
    };
    expect(await run(state, removed, 2)).toMatchObject({
      changes: ['removed'],
      gaps: [{ from: T + MINUTE }],
    });
  });
});
