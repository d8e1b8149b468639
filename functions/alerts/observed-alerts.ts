import pLimit from 'p-limit';
import type { Alert, AlertConfiguration, AtlasSession } from '../../shared/atlas/api.ts';
import type { Listing } from '../../shared/atlas/listing.ts';
import { isNotFound } from '../../shared/atlas/refusal.ts';
import type { AlertConfigurationId, AlertId, ProjectId } from '../../shared/ids.ts';
import { hasTurn } from './configuration-turns.ts';
import { wholeSecond } from './known-alert.ts';
import { MAX_CONFIGURATIONS, MAX_OPEN_ALERTS, TooManyAlertsError } from './memory.ts';
import { type AlertsState, LOOKBACK } from './state.ts';

/** What a run observed in Atlas. */
export interface ObservedAlerts {
  configurations: ReadonlyMap<AlertConfigurationId, AlertConfiguration>;
  /** Known configurations that exist and cannot be read: their state stays as it was. */
  unreadable: ReadonlySet<AlertConfigurationId>;
  /** Each alert as it was last read. */
  alerts: ReadonlyMap<AlertId, Alert>;
  /** Configurations whose list had an alert when it was last read. */
  alerting: ReadonlySet<AlertConfigurationId>;
  /** Known open alerts for which Atlas answers 404. */
  lost: readonly AlertId[];
  /** The number of new tracking alerts left out because no more can be followed. */
  leftOut: number;
}

/** Concurrent requests of one run: as many as the engine sends for other datasets. */
const CONCURRENT_REQUESTS = 6;

/**
 * Reads tracking and open alerts, closed alerts that were never observed, and by id the known alerts that are missing.
 *
 * The project's lists show all of them. The list of each configuration is read as well, but seldom: at its turn, when it
 * is new, and when the project's lists show something new of it. Atlas does not document that both agree.
 *
 * An alert that is missing in a list must be read by id: acknowledged alerts leave the lists, lists shift while their
 * pages are read, and some items cannot be read. If it cannot be read by id either, its state stays as it is known.
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
  const note = ({ items }: Pick<Listing<Alert>, 'items'>) => {
    for (const alert of items) alerts.set(alert.id, alert);
  };
  // Tracking alerts are read first, so that an alert that opens in the meantime is in the next list.
  note(await atlas.listAlertsSince(project, 'TRACKING', 0));
  note(await atlas.listAlertsSince(project, 'OPEN', 0));
  const news = new Set(
    [...alerts.values()].filter((alert) => isNews(alert, state)).map(({ configuration }) => configuration),
  );
  const ids = [...enabledOrAlerting(configurations, state), ...unreadable];
  const requested = ids.filter(
    (id) => news.has(id) || !state.configurations.has(id) || hasTurn(id, state.watermark, now),
  );
  const alerting = new Set(ids.filter((id) => state.configurations.get(id)?.alerting));
  await settled(
    requested.map((id) =>
      limit(async () => {
        // A configuration that was deleted in the meantime has no list. Its alerts are read by id.
        const found = await unlessGone(atlas.listAlertsOfConfiguration(project, id));
        if (found === GONE) return;
        if (found.items.length > 0 || found.unreadable.size > 0 || found.hasUnknown) alerting.add(id);
        else alerting.delete(id);
        note(found);
      }),
    ),
  );
  const since = Math.min(state.watermark, now) - LOOKBACK;
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

/** Returns whether an alert that tracks or is open was not known as such. */
function isNews({ id, status }: Alert, { alerts }: AlertsState): boolean {
  const known = alerts.get(id);
  return known?.phase !== 'open' || known.status !== status;
}

/** A disabled configuration raises no alerts, but those that it had may still be open. */
function enabledOrAlerting(
  configurations: ReadonlyMap<AlertConfigurationId, AlertConfiguration>,
  { configurations: known }: AlertsState,
): AlertConfigurationId[] {
  return [...configurations.values()]
    .filter(({ id, enabled }) => enabled !== false || known.get(id)?.alerting)
    .map(({ id }) => id);
}

/**
 * Returns the new tracking alerts for which there is no room beside the open ones: the most recently created. They open
 * last, and an alert that has opened is never left out.
 */
function beyondRoom(
  seen: ReadonlyMap<AlertId, Alert>,
  { alerts: known }: AlertsState,
  open: number,
): AlertId[] {
  const added = [...seen.values()].filter(({ id }) => !known.has(id));
  const tracking = added.filter(({ status }) => status === 'TRACKING').sort((a, b) => a.created - b.created);
  const opened = added.filter(({ status }) => status === 'OPEN');
  return tracking.slice(Math.max(0, MAX_OPEN_ALERTS - open - opened.length)).map(({ id }) => id);
}

/** Returns whether a closed alert has not been written: it is known as open, or neither known nor forgotten. */
function isOurs(alert: Alert, { alerts, forgottenTo }: AlertsState): boolean {
  return alerts.has(alert.id) || wholeSecond(alert.created) > forgottenTo;
}

/** Returns all existing configurations. Reads a known configuration by id when it is not listed. */
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
  if (found > MAX_CONFIGURATIONS) {
    throw new TooManyAlertsError('alert configurations', found, MAX_CONFIGURATIONS);
  }
  return { configurations: present, unreadable };
}

/** Marks what Atlas no longer knows. */
const GONE = Symbol('gone');

/** Returns the response, or `GONE` when Atlas answers that the resource does not exist. */
async function unlessGone<T>(request: Promise<T>): Promise<T | typeof GONE> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return GONE;
    throw error;
  }
}

/** Waits for all promises even when one fails, because no request may outlive the step. */
async function settled(all: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(all);
  await Promise.all(all);
}
