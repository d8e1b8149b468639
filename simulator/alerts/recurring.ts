import { DAY } from '../time.ts';
import { type Alert, buildAlert } from './alerts.ts';
import type { AlertConfiguration } from './configurations.ts';
import type { AlertShape, RecurringAlertShape } from './shapes.ts';

/** How long after its creation Atlas drops a recurring alert. */
const KEPT = 30 * DAY;

/** Returns all alerts that a project has had by an instant, both scripted and recurring. */
export function alertsUntil(
  project: {
    key: string;
    alerts: readonly Alert[];
    alertConfigurations: readonly AlertConfiguration[];
    recurringAlerts: readonly RecurringAlertShape[];
  },
  now: number,
): Alert[] {
  const recurring = project.recurringAlerts.flatMap((shape, place) =>
    occurrences(shape, now).map(({ number, alert }) =>
      buildAlert(alert, project.alertConfigurations, { key: project.key, index: `${place}/${number}` }),
    ),
  );
  return [...project.alerts, ...recurring];
}

function occurrences(shape: RecurringAlertShape, now: number): { number: number; alert: AlertShape }[] {
  const last = Math.floor((now - shape.phase) / shape.every);
  const first = Math.ceil((now - KEPT - shape.phase) / shape.every);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const number = first + index;
    return { number, alert: occurrence(shape, shape.phase + number * shape.every) };
  });
}

function occurrence(shape: RecurringAlertShape, created: number): AlertShape {
  const { configuration, fields, openedAfter, acknowledgedAfter, acknowledgedFor, closedAfter } = shape;
  return {
    configuration,
    created,
    ...(fields === undefined ? {} : { fields }),
    ...(openedAfter === undefined ? {} : { opened: created + openedAfter }),
    ...(acknowledgedAfter === undefined
      ? {}
      : {
          acknowledged: {
            at: created + acknowledgedAfter,
            ...(acknowledgedFor === undefined
              ? {}
              : { until: created + acknowledgedAfter + acknowledgedFor }),
          },
        }),
    closed: created + closedAfter,
    dropped: created + KEPT,
  };
}
