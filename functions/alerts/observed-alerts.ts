import type { Alert, AlertConfiguration, AtlasSession } from '../../shared/atlas/api.ts';
import type { Listing } from '../../shared/atlas/listing.ts';
import type { PartFailure } from '../../shared/engine/dataset.ts';
import type { AlertConfigurationId, AlertId, ProjectId } from '../../shared/ids.ts';
import { hasTurn } from './configuration-turns.ts';
import { GONE, ItemRequests, UNREAD } from './item-requests.ts';
import { wholeSecond } from './known-alert.ts';
import { MAX_CONFIGURATIONS, MAX_OPEN_ALERTS, TooManyAlertsError } from './memory.ts';
import { type AlertsState, LOOKBACK } from './state.ts';

/** What a run observed in Atlas. */
export interface ObservedAlerts {
  configurations: ReadonlyMap<AlertConfigurationId, AlertConfiguration>;
  /** Known configurations that may exist and cannot be read: their state stays as it was. */
  unreadable: ReadonlySet<AlertConfigurationId>;
  /** Each alert as it was last read. */
  alerts: ReadonlyMap<AlertId, Alert>;
  /** Configurations whose list had an alert when it was last read. */
  alerting: ReadonlySet<AlertConfigurationId>;
  /** Configurations whose list was due and could not be read. */
  unread: ReadonlySet<AlertConfigurationId>;
  /** Known open alerts for which Atlas answers 404. */
  lost: readonly AlertId[];
  /** The number of new tracking alerts left out because no more can be followed. */
  leftOut: number;
  /** Requests for one alert or configuration that failed. */
  failures: readonly PartFailure[];
  /** The number of alerts and configurations that were not requested, because requests for others failed. */
  notRequested: number;
}

/**
 * Reads tracking and open alerts, closed alerts that were never observed, and by id the known alerts that are missing.
 *
 * The project's lists show all of them. The list of each configuration is read as well, but seldom: at its turn, when it
 * is new, when the project's lists show something new of it, and when the last run could not read it. Atlas does not
 * document that both agree.
 *
 * An alert that is missing in a list must be read by id: acknowledged alerts leave the lists, lists shift while their
 * pages are read, and some items cannot be read. If it cannot be read by id either, its state stays as it is known.
 *
 * @throws what the project's own lists throw
 */
export async function observeAlerts(
  atlas: AtlasSession,
  project: ProjectId,
  state: AlertsState,
  now: number,
): Promise<ObservedAlerts> {
  const byId = {
    configurations: new ItemRequests<AlertConfigurationId>((id) => `alertConfigs/${id}`),
    lists: new ItemRequests<AlertConfigurationId>((id) => `alertConfigs/${id}/alerts`),
    alerts: new ItemRequests<AlertId>((id) => `alerts/${id}`),
  };
  const { configurations, unreadable } = await presentConfigurations(
    atlas,
    project,
    state,
    now,
    byId.configurations,
  );
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
    (id) => news.has(id) || isUnread(id, state) || hasTurn(id, state.watermark, now),
  );
  const alerting = new Set(ids.filter((id) => state.configurations.get(id)?.alerting));
  const unread = new Set<AlertConfigurationId>();
  await byId.lists.send(
    requested,
    now,
    (id) => atlas.listAlertsOfConfiguration(project, id),
    (id, found) => {
      // A configuration that was deleted in the meantime has no list. Its alerts are read by id.
      if (found === GONE) return;
      if (found === UNREAD) {
        unread.add(id);
        return;
      }
      if (found.items.length > 0 || found.unreadable.size > 0 || found.hasUnknown) alerting.add(id);
      else alerting.delete(id);
      note(found);
    },
  );
  const since = Math.min(state.watermark, now) - LOOKBACK;
  const closed = await atlas.listAlertsSince(project, 'CLOSED', since);
  note({ items: closed.items.filter((alert) => isOurs(alert, state)) });
  const open = [...state.alerts.values()].filter(({ phase }) => phase === 'open');
  const leftOut = beyondRoom(alerts, state, open.length);
  for (const id of leftOut) alerts.delete(id);
  const missing = open.filter(({ id }) => !alerts.has(id));
  const lost: AlertId[] = [];
  await byId.alerts.send(
    missing.map(({ id }) => id),
    now,
    (id) => atlas.getAlert(project, id),
    (id, alert) => {
      if (alert === GONE) lost.push(id);
      else if (alert !== UNREAD && alert !== null) note({ items: [alert] });
    },
  );
  const requests = Object.values(byId);
  return {
    ...{ configurations, unreadable, alerts, alerting, unread },
    lost: lost.sort(),
    leftOut: leftOut.length,
    failures: requests.flatMap(({ failures }) => failures),
    notRequested: requests.reduce((sum, { notRequested }) => sum + notRequested, 0),
  };
}

/** Returns whether an alert that tracks or is open was not known as such. */
function isNews({ id, status }: Alert, { alerts }: AlertsState): boolean {
  const known = alerts.get(id);
  return known?.phase !== 'open' || known.status !== status;
}

/** Returns whether no run has read the list of a configuration since it was due. */
function isUnread(id: AlertConfigurationId, { configurations }: AlertsState): boolean {
  return configurations.get(id)?.isUnread ?? true;
}

/** A disabled configuration raises no alerts, but those that it had may still be open. */
function enabledOrAlerting(
  configurations: ReadonlyMap<AlertConfigurationId, AlertConfiguration>,
  { configurations: known }: AlertsState,
): AlertConfigurationId[] {
  return [...configurations.values()]
    .filter(({ id, enabled }) => enabled !== false || known.get(id)?.alerting || known.get(id)?.isUnread)
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
  now: number,
  byId: ItemRequests<AlertConfigurationId>,
): Promise<Pick<ObservedAlerts, 'configurations' | 'unreadable'>> {
  const listed = await atlas.listAlertConfigurations(project);
  const present = new Map(listed.items.map((configuration) => [configuration.id, configuration]));
  const unreadable = new Set<AlertConfigurationId>();
  await byId.send(
    [...state.configurations.keys()].filter((id) => !present.has(id)),
    now,
    (id) => atlas.getAlertConfiguration(project, id),
    (id, configuration) => {
      if (configuration === GONE) return;
      if (configuration === UNREAD || configuration === null) unreadable.add(id);
      else present.set(id, configuration);
    },
  );
  const found = present.size + unreadable.size;
  if (found > MAX_CONFIGURATIONS) {
    throw new TooManyAlertsError('alert configurations', found, MAX_CONFIGURATIONS);
  }
  return { configurations: present, unreadable };
}
