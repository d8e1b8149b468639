import pLimit from 'p-limit';
import type { Alert, AlertConfiguration, AtlasSession } from '../../shared/atlas/api.ts';
import { isNotFound } from '../../shared/atlas/refusal.ts';
import type { AlertConfigurationId, AlertId, ProjectId } from '../../shared/ids.ts';
import { wholeSecond } from './known-alert.ts';
import { type AlertsState, MOST_CONFIGURATIONS, REACH, TooManyAlertsError } from './state.ts';

/** What a run saw in Atlas. */
export interface Sightings {
  configurations: ReadonlyMap<AlertConfigurationId, AlertConfiguration>;
  /** Each alert as it was read last. */
  alerts: ReadonlyMap<AlertId, Alert>;
  /** Configurations whose list had an alert. */
  alerting: ReadonlySet<AlertConfigurationId>;
  /** Known open alerts that Atlas answers 404 for. */
  lost: readonly AlertId[];
}

/** Requests of one run at a time: as many as the engine sends for other datasets. */
const CONCURRENT_REQUESTS = 6;

/**
 * Reads what is open, what has closed without having been seen, and by id what is missing. That something is not in a
 * list never means more than that it must be asked for: acknowledged alerts leave the lists, and lists shift while
 * their pages are read.
 */
export async function sightings(
  atlas: AtlasSession,
  project: ProjectId,
  state: AlertsState,
  now: number,
): Promise<Sightings> {
  const limit = pLimit(CONCURRENT_REQUESTS);
  const configurations = await presentConfigurations(atlas, project, state);
  const alerts = new Map<AlertId, Alert>();
  const alerting = new Set<AlertConfigurationId>();
  const note = (found: readonly Alert[]) => {
    for (const alert of found) alerts.set(alert.id, alert);
  };
  // Somebody, or something, may acknowledge an alert before a run comes: no configuration shows it then.
  note(await atlas.listAlertsSince(project, 'OPEN', 0));
  const asked = [...configurations.values()].filter(
    ({ id, enabled }) => enabled !== false || state.configurations.get(id)?.alerting,
  );
  await settled(
    asked.map(({ id }) =>
      limit(async () => {
        // A configuration that has been deleted meanwhile has no list; its alerts are asked for by id.
        const found = (await unlessGone(atlas.listAlertsOfConfiguration(project, id))) ?? [];
        if (found.length > 0) alerting.add(id);
        note(found);
      }),
    ),
  );
  const since = Math.min(state.mark, now) - REACH;
  note((await atlas.listAlertsSince(project, 'CLOSED', since)).filter((alert) => isOurs(alert, state)));
  const open = [...state.alerts.values()].filter(({ phase }) => phase === 'open');
  const missing = open.filter(({ id }) => !alerts.has(id));
  const lost: AlertId[] = [];
  await settled(
    missing.map(({ id }) =>
      limit(async () => {
        const alert = await unlessGone(atlas.getAlert(project, id));
        if (alert) note([alert]);
        else lost.push(id);
      }),
    ),
  );
  return { configurations, alerts, alerting, lost: lost.sort() };
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
): Promise<Map<AlertConfigurationId, AlertConfiguration>> {
  const listed = await atlas.listAlertConfigurations(project);
  const present = new Map(listed.map((configuration) => [configuration.id, configuration]));
  for (const id of state.configurations.keys()) {
    if (present.has(id)) continue;
    const configuration = await unlessGone(atlas.getAlertConfiguration(project, id));
    if (configuration) present.set(id, configuration);
  }
  if (present.size > MOST_CONFIGURATIONS) {
    throw new TooManyAlertsError('alert configurations', present.size, MOST_CONFIGURATIONS);
  }
  return present;
}

/** Returns the answer, or null where Atlas says that there is none. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** Waits for all, also when one fails: no request may outlive the step. */
async function settled(all: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(all);
  await Promise.all(all);
}
