/** Whom the buckets of a set of endpoints count for. */
export type RateLimitScope = 'project' | 'organisation' | 'user';

export interface BucketSize {
  /** Requests that a full bucket allows. */
  capacity: number;
  /** Requests added in 60 seconds. */
  refill: number;
}

interface EndpointSetFacts extends BucketSize {
  scope: RateLimitScope;
}

/** The documented rate limits of the Admin API; they "might change without prior notice". */
export const ENDPOINT_SETS = {
  monitoring: { scope: 'project', capacity: 300, refill: 100 },
  collectionMetrics: { scope: 'project', capacity: 300, refill: 100 },
  accessLogs: { scope: 'project', capacity: 1200, refill: 500 },
  alerts: { scope: 'project', capacity: 1200, refill: 500 },
  alertConfigurations: { scope: 'project', capacity: 1200, refill: 500 },
  clusters: { scope: 'project', capacity: 10_000, refill: 5_000 },
  performanceAdvisor: { scope: 'project', capacity: 300, refill: 100 },
  queryShapeInsights: { scope: 'project', capacity: 300, refill: 100 },
  events: { scope: 'project', capacity: 300, refill: 100 },
  organisationEvents: { scope: 'organisation', capacity: 500, refill: 250 },
  projects: { scope: 'user', capacity: 1200, refill: 500 },
  // Atlas counts each set of these separately; even together they stay far below one limit.
  projectResources: { scope: 'project', capacity: 1200, refill: 500 },
  invoices: { scope: 'organisation', capacity: 500, refill: 100 },
  organisationResources: { scope: 'organisation', capacity: 500, refill: 250 },
} as const satisfies Record<string, EndpointSetFacts>;

export type EndpointSet = keyof typeof ENDPOINT_SETS;
