import { describe, expect, test } from 'vitest';
import { collectAlerts } from '../../../functions/alerts/collector.ts';
import { MAX_OPEN_ALERTS } from '../../../functions/alerts/memory.ts';
import { newState } from '../../../functions/alerts/state.ts';
import type { Alert, AlertStatus, AtlasSession } from '../../../shared/atlas/api.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { HOUR } from '../../../shared/durations.ts';
import { isProjectId } from '../../../shared/ids.ts';
import { T } from '../../support/times.ts';
import { alertOf, iso } from './alert-documents.ts';

const PROJECT = '6a793f5cc0eb9e7a177147ec';
const OPEN = alertOf({ id: '0'.repeat(24) });

/** Returns alerts that are each created one second after the previous one. */
function alertsOf(status: AlertStatus, count: number, first = 0): Alert[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const created = T - 10 * HOUR + number * 1000;
    const id = number.toString(16).padStart(24, '0');
    return { ...OPEN, id: alertOf({ id, created: iso(created) }).id, status, created };
  });
}

/** Runs once for a project whose lists have only these alerts. */
async function run(lists: Partial<Record<AlertStatus, Alert[]>>, state = newState(T)) {
  if (!isProjectId(PROJECT)) throw new Error('not a project id');
  const session: Pick<AtlasSession, 'listAlertConfigurations' | 'listAlertsSince'> = {
    listAlertConfigurations: async () => wholeListing([]),
    listAlertsSince: async (_project, status) => wholeListing(lists[status] ?? []),
  };
  const time = { tick: T, now: T };
  const { tables, ...outcome } = await collectAlerts(PROJECT, state, time)(session as AtlasSession, () => T);
  return { ...outcome, rows: tables[0]?.rows ?? [] };
}

describe(`a project with ${MAX_OPEN_ALERTS} open alerts`, () => {
  test('fails the step with an error that names both numbers when it has one more', async () => {
    await expect(run({ OPEN: alertsOf('OPEN', MAX_OPEN_ALERTS + 1) })).rejects.toThrow(
      `the project has ${MAX_OPEN_ALERTS + 1} open alerts, and ${MAX_OPEN_ALERTS} can be followed`,
    );
  });

  test('leaves out the youngest tracking alerts with a warning until there is room', async () => {
    const open = alertsOf('OPEN', MAX_OPEN_ALERTS - 1);
    const tracking = alertsOf('TRACKING', 3, MAX_OPEN_ALERTS);
    const first = await run({ OPEN: open, TRACKING: tracking });
    expect(first.rows).toHaveLength(MAX_OPEN_ALERTS);
    expect(first.rows.at(0)).toMatchObject({ alert_id: tracking[0]?.id, change: 'opened' });
    expect(first.warnings).toEqual(['2 alerts that track are more than can be followed']);

    const opened = tracking.slice(1).map((alert): Alert => ({ ...alert, status: 'CLOSED' }));
    const second = await run({ OPEN: open, TRACKING: tracking.slice(0, 1), CLOSED: opened }, first.state);
    expect(second.rows.map(({ alert_id }) => alert_id)).toEqual(opened.flatMap(({ id }) => [id, id]).sort());
    expect(second.warnings).toEqual([]);
  });
});
