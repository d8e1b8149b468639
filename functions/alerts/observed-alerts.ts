import pLimit from 'p-limit';
import type { Alert, AlertConfiguration, AtlasSession } from '../../shared/atlas/api.ts';
import type { Listing } from '../../shared/atlas/listing.ts';
import { isNotFound } from '../../shared/atlas/refusal.ts';
import type { AlertConfigurationId, AlertId, ProjectId } from '../../shared/ids.ts';
import { wholeSecond } from './known-alert.ts';
import { MOST_CONFIGURATIONS, MOST_OPEN_ALERTS, TooManyAlertsError } from './memory.ts';
import { type AlertsState, REACH } from './state.ts';

/** What a run saw in Atlas. */
export interface ObservedAlerts {
  configurations: ReadonlyMap<AlertConfigurationId, AlertConfiguration>;
  /** Known configurations that are there and cannot be read: they are as they were. */
  unreadable: ReadonlySet<AlertConfigurationId>;
  /** Each alert as it was read last. */
  alerts: ReadonlyMap<AlertId, Alert>;
  /** Configurations whose list had an alert. */
  alerting: ReadonlySet<AlertConfigurationId>;
  /** Known open alerts that Atlas answers 404 for. */
  lost: readonly AlertId[];
  /** New alerts that track and were left out, since no more can be followed. */
  leftOut: number;
}

/** Requests of one run at a time: as many as the engine sends for other datasets. */
const CONCURRENT_REQUESTS = 6;

/**
 * Reads what tracks or is open, what has closed without having been seen, and by id what is missing. That something is
 * not in a list never means more than that it must be asked for: acknowledged alerts leave the lists, lists shift while
 * their pages are read, and items of them cannot be read. What cannot be read by id either stays as it is known.
 */
export async function observeAlerts(
  atlas: AtlasSession,
  project: ProjectId,
  state: AlertsState,
  now: number,
): Promise<ObservedAlerts> {
  const limit = pLimit(CONCURRENT_REQUESTS);
  const { configurations, unreadable } = await presentConfigurations(atlas, project, state);
  const alerts = new Map<AlertId, Alert>();
  const alerting = new Set<AlertConfigurationId>();
  const note = ({ items }: Pick<Listing<Alert>, 'items'>) => {
    for (const alert of items) alerts.set(alert.id, alert);
  };
  // Atlas does not say whether a configuration's list has alerts that track. This list is read first: one that opens
  // meanwhile is in the next.
  note(await atlas.listAlertsSince(project, 'TRACKING', 0));
  // Somebody, or something, may acknowledge an alert before a run comes: no configuration shows it then.
  note(await atlas.listAlertsSince(project, 'OPEN', 0));
  const asked = [...configurations.values()]
    .filter(({ id, enabled }) => enabled !== false || state.configurations.get(id)?.alerting)
    .map(({ id }) => id);
  await settled(
    [...asked, ...unreadable].map((id) =>
      limit(async () => {
        // A configuration that has been deleted meanwhile has no list; its alerts are asked for by id.
        const found = await unlessGone(atlas.listAlertsOfConfiguration(project, id));
        if (found === GONE) return;
        if (found.items.length > 0 || found.unreadable.size > 0 || found.hasUnknown) alerting.add(id);
        note(found);
      }),
    ),
  );
  const since = Math.min(state.watermark, now) - REACH;
  const closed = await atlas.listAlertsSince(project, 'CLOSED', since);
  note({ items: closed.items.filter((alert) => isOurs(alert, state)) });
  const open = [...state.alerts.values()].filter(({ phase }) => phase === 'open');
  const leftOut = beyondRoom(alerts, state, open.length);
  for (const id of leftOut) alerts.delete(id);
  const missing = open.filter(({ id }) => !alerts.has(id));
  const lost: AlertId[] = [];
  await settled(
    missing.map(({ id }) =>
      limit(async () => {
        const alert = await unlessGone(atlas.getAlert(project, id));
        if (alert === GONE) lost.push(id);
        else if (alert !== null) note({ items: [alert] });
      }),
    ),
  );
  return { configurations, unreadable, alerts, alerting, lost: lost.sort(), leftOut: leftOut.length };
}

/**
 * The new alerts that track and for which there is no room beside open ones: those that were created last. They open
 * last, and one that has opened is not left out.
 */
function beyondRoom(
  seen: ReadonlyMap<AlertId, Alert>,
  { alerts: known }: AlertsState,
  open: number,
): AlertId[] {
  const added = [...seen.values()].filter(({ id }) => !known.has(id));
  const tracking = added.filter(({ status }) => status === 'TRACKING').sort((a, b) => a.created - b.created);
  const opened = added.filter(({ status }) => status === 'OPEN');
  return tracking.slice(Math.max(0, MOST_OPEN_ALERTS - open - opened.length)).map(({ id }) => id);
}

/** A closed alert that has not been written: known as open, or neither known nor forgotten. */
function isOurs(alert: Alert, { alerts, forgottenTo }: AlertsState): boolean {
  return alerts.has(alert.id) || wholeSecond(alert.created) > forgottenTo;
}

/** All configurations that there are. One that was known and is not listed is asked for by id. */
async function presentConfigurations(
  atlas: AtlasSession,
  project: ProjectId,
  state: AlertsState,
): Promise<Pick<ObservedAlerts, 'configurations' | 'unreadable'>> {
  const listed = await atlas.listAlertConfigurations(project);
  const present = new Map(listed.items.map((configuration) => [configuration.id, configuration]));
  const unreadable = new Set<AlertConfigurationId>();
  for (const id of state.configurations.keys()) {
    if (present.has(id)) continue;
    const configuration = await unlessGone(atlas.getAlertConfiguration(project, id));
    if (configuration === GONE) continue;
    if (configuration === null) unreadable.add(id);
    else present.set(id, configuration);
  }
  const found = present.size + unreadable.size;
  if (found > MOST_CONFIGURATIONS) {
    throw new TooManyAlertsError('alert configurations', found, MOST_CONFIGURATIONS);
  }
  return { configurations: present, unreadable };
}

/** Atlas knows it no more. */
const GONE = Symbol('gone');

/** Returns the answer, or `GONE` where Atlas says that there is none. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | typeof GONE> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return GONE;
    throw error;
  }
}

/** Waits for all, also when one fails: no request may outlive the step. */
async function settled(all: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(all);
  await Promise.all(all);
}
