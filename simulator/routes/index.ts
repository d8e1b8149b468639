import type { ApiRoute } from '../http/api-route.ts';
import { ACCESS_LOG_ROUTES } from './access-logs.ts';
import { ALERT_ROUTES } from './alerts.ts';
import { COST_ROUTES } from './costs.ts';
import { EVENT_ROUTES } from './events.ts';
import { LOG_ROUTES } from './logs.ts';
import { MEASUREMENT_ROUTES } from './measurements.ts';
import { PERFORMANCE_ADVISOR_ROUTES } from './performance-advisor.ts';
import { PROCESS_ROUTES } from './processes.ts';
import { PROJECT_ROUTES } from './projects.ts';
import { QUERY_SHAPE_ROUTES } from './query-shapes.ts';
import { RANKED_NAMESPACE_ROUTES } from './ranked-namespaces.ts';
import { RESOURCE_ROUTES } from './resources.ts';
import { SLOW_QUERY_ROUTES } from './slow-queries.ts';

/** Every endpoint of the Admin API in the simulator, except the token request. */
export const ROUTES: readonly ApiRoute[] = [
  ...PROJECT_ROUTES,
  ...PROCESS_ROUTES,
  ...MEASUREMENT_ROUTES,
  ...ALERT_ROUTES,
  ...ACCESS_LOG_ROUTES,
  ...EVENT_ROUTES,
  ...SLOW_QUERY_ROUTES,
  ...LOG_ROUTES,
  ...RANKED_NAMESPACE_ROUTES,
  ...PERFORMANCE_ADVISOR_ROUTES,
  ...QUERY_SHAPE_ROUTES,
  ...RESOURCE_ROUTES,
  ...COST_ROUTES,
];
