import { type Alert, alertDocument, isShown, statusAt } from '../alerts/alerts.ts';
import {
  type AlertConfiguration,
  configurationDocument,
  existsAt,
  sortKeys,
} from '../alerts/configurations.ts';
import { alertsUntil } from '../alerts/recurring.ts';
import { ApiError } from '../http/api-error.ts';
import type { ApiRequest, ApiRoute } from '../http/api-route.ts';
import { projectOf } from '../http/lookups.ts';
import { page } from '../http/pages.ts';
import type { Project } from '../organisation/types.ts';

const GROUP = '/api/atlas/v2/groups/{groupId}';

/** Alert configurations, and alerts. */
export const ALERT_ROUTES: readonly ApiRoute[] = [
  {
    operation: 'listAlertConfigurations',
    path: `${GROUP}/alertConfigs`,
    versions: ['2023-01-01'],
    set: 'alertConfigurations',
    list: true,
    handle(request) {
      const project = projectOf(request);
      const present = project.alertConfigurations.filter((configuration) =>
        existsAt(configuration, request.now),
      );
      return page(
        request,
        inListOrder(request, present).map((configuration) =>
          configurationResponse(request, project, configuration),
        ),
      );
    },
  },
  {
    operation: 'getAlertConfiguration',
    path: `${GROUP}/alertConfigs/{alertConfigId}`,
    versions: ['2023-01-01'],
    set: 'alertConfigurations',
    list: false,
    handle(request) {
      const project = projectOf(request);
      return configurationResponse(request, project, configurationOf(request, project));
    },
  },
  {
    operation: 'listAlertsOfConfiguration',
    path: `${GROUP}/alertConfigs/{alertConfigId}/alerts`,
    versions: ['2023-01-01'],
    set: 'alerts',
    list: true,
    handle(request) {
      const project = projectOf(request);
      const { id } = configurationOf(request, project);
      const shown = alertsUntil(project, request.now).filter(
        (alert) =>
          alert.configuration.id === id &&
          isShown(alert, request.now) &&
          !(request.organisation.hidesTracking && statusAt(alert, request.now) === 'TRACKING'),
      );
      return alertPage(request, project, shown);
    },
  },
  {
    operation: 'listAlerts',
    path: `${GROUP}/alerts`,
    versions: ['2023-01-01'],
    set: 'alerts',
    list: true,
    handle(request) {
      const project = projectOf(request);
      const wanted = request.query.get('status');
      if (wanted !== null && !['OPEN', 'TRACKING', 'CLOSED'].includes(wanted)) {
        throw new ApiError(
          400,
          'INVALID_ENUM_VALUE',
          `An invalid enumeration value ${wanted} was specified.`,
          [wanted],
        );
      }
      const found = alertsUntil(project, request.now).filter((alert) => {
        const status = statusAt(alert, request.now);
        return status !== null && (wanted === null || status === wanted);
      });
      return alertPage(request, project, found);
    },
  },
  {
    operation: 'getAlert',
    path: `${GROUP}/alerts/{alertId}`,
    versions: ['2023-01-01'],
    set: 'alerts',
    list: false,
    handle(request) {
      const project = projectOf(request);
      const id = request.parameter('alertId');
      const alert = alertsUntil(project, request.now).find((candidate) => candidate.id === id);
      if (alert === undefined || statusAt(alert, request.now) === null) {
        throw new ApiError(404, 'ALERT_NOT_FOUND', `No alert with ID ${id} exists in group ${project.id}.`, [
          id,
          project.id,
        ]);
      }
      return alertResponse(request, project, alert);
    },
  },
];

function configurationOf(request: ApiRequest, project: Project): AlertConfiguration {
  const id = request.parameter('alertConfigId');
  const found = project.alertConfigurations.find((candidate) => candidate.id === id);
  if (found !== undefined && existsAt(found, request.now)) return found;
  throw new ApiError(
    404,
    'ALERT_CONFIG_NOT_FOUND',
    `No alert configuration with ID ${id} exists in group ${project.id}.`,
    [id, project.id],
  );
}

function alertPage(request: ApiRequest, project: Project, alerts: readonly Alert[]): object {
  return page(
    request,
    inListOrder(request, alerts).map((alert) => alertResponse(request, project, alert)),
  );
}

/** Sorts items by creation, ascending or descending as the organisation configures. */
function inListOrder<T extends { id: string; created: number }>(
  { organisation }: ApiRequest,
  items: readonly T[],
): T[] {
  const sorted = [...items].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  return organisation.alertOrder === 'oldest-first' ? sorted : sorted.reverse();
}

function alertResponse({ origin, organisation, now }: ApiRequest, project: Project, alert: Alert) {
  const group = `${origin}/api/atlas/v2/groups/${project.id}`;
  return withLinks(alertDocument(alert, { groupId: project.id, orgId: organisation.id }, now), [
    { href: `${group}/alerts/${alert.id}`, rel: 'self' },
    { href: `${group}/alertConfigs/${alert.configuration.id}`, rel: `${origin}/alertConfig` },
    { href: `${group}/alerts/${alert.id}/alertConfigs`, rel: `${origin}/alertConfigs` },
  ]);
}

function configurationResponse(
  { origin, now }: ApiRequest,
  project: Project,
  configuration: AlertConfiguration,
) {
  const href = `${origin}/api/atlas/v2/groups/${project.id}/alertConfigs/${configuration.id}`;
  return withLinks(configurationDocument(configuration, project.id, now), [{ href, rel: 'self' }]);
}

/** Adds links in their alphabetical place, like Atlas. */
function withLinks(document: Record<string, unknown>, links: readonly object[]): object {
  return sortKeys({ ...document, links });
}
