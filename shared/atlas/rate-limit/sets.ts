import { isProjectId, type OrganisationId, type ProjectId } from '../../ids.ts';
import type { ResourceRead } from '../api.ts';

/** How large a token bucket is, and how fast it fills again. */
export interface BucketSize {
  /** Requests that a full bucket allows. */
  readonly capacity: number;
  /** Requests that come back in each `REFILL_INTERVAL`. */
  readonly refill: number;
}

/** One bucket of Atlas: a set of endpoints in one scope. */
export interface Bucket {
  /** Names it among the client's buckets and in errors. */
  readonly key: string;
  readonly size: BucketSize;
  /** Whether the configured reserve is left in it. */
  readonly shared: boolean;
}

/** Milliseconds; the sizes of all sets are documented per 60 seconds. */
export const REFILL_INTERVAL = 60_000;

// Sizes: MongoDB's documentation of the Admin API's rate limits, "which might change without prior notice".

/** Processes, databases, disks and their measurements share one bucket in each project. */
export function monitoringBucket(project: ProjectId): Bucket {
  return {
    key: `Monitoring and Logs, project ${project}`,
    size: { capacity: 300, refill: 100 },
    shared: true,
  };
}

/** Ranked namespaces and their measurements. */
export function collectionMetricsBucket(project: ProjectId): Bucket {
  return {
    key: `Collection Level Metrics, project ${project}`,
    size: { capacity: 300, refill: 100 },
    shared: true,
  };
}

export function accessLogsBucket(project: ProjectId): Bucket {
  return { key: `Access Logs, project ${project}`, size: { capacity: 1_200, refill: 500 }, shared: true };
}

/** Alerts, and the alerts of one configuration. */
export function alertsBucket(project: ProjectId): Bucket {
  return { key: `Alerts, project ${project}`, size: { capacity: 1_200, refill: 500 }, shared: true };
}

export function alertConfigurationsBucket(project: ProjectId): Bucket {
  return {
    key: `Alert Configurations, project ${project}`,
    size: { capacity: 1_200, refill: 500 },
    shared: true,
  };
}

export function clustersBucket(project: ProjectId): Bucket {
  return { key: `Clusters, project ${project}`, size: { capacity: 10_000, refill: 5_000 }, shared: true };
}

/** Sets whose sizes are not what most have. Counted for the project unless it says otherwise. */
const RESOURCE_SETS: Readonly<Record<string, (id: ProjectId) => Bucket>> = {
  Clusters: clustersBucket,
  'Monitoring and Logs': monitoringBucket,
};

/** Most sets of endpoints have one of two sizes, by whom they are counted for. */
const MOST_SETS = {
  project: { capacity: 1_200, refill: 500 },
  organisation: { capacity: 500, refill: 250 },
} as const;

/** The bucket of a set of endpoints that only a catalogue knows, by MongoDB's name for it. */
export function resourceBucket({ set, scope, id }: ResourceRead['limit']): Bucket {
  const own = isProjectId(id) && scope === 'project' ? RESOURCE_SETS[set]?.(id) : undefined;
  return own ?? { key: `${set}, ${scope} ${id}`, size: MOST_SETS[scope], shared: true };
}

/** Cost Explorer, for each organisation. */
export function invoicesBucket(organisation: OrganisationId): Bucket {
  return {
    key: `Invoices, organisation ${organisation}`,
    size: { capacity: 500, refill: 100 },
    shared: true,
  };
}

/** Counted for the user, and a client has one. */
export const PROJECTS_BUCKET: Bucket = {
  key: 'Projects',
  size: { capacity: 1_200, refill: 500 },
  shared: true,
};

/** The API's root, which shows the time. No set of endpoints has it; one request in ten minutes is the most. */
export const STATUS_BUCKET: Bucket = {
  key: 'Status',
  size: { capacity: 1_200, refill: 500 },
  shared: true,
};

/**
 * "Resource /api/oauth/token is limited to 10 requests every 1 minutes", for an address and client: nobody else's, and
 * nothing goes on without a token.
 */
export const TOKEN_BUCKET: Bucket = {
  key: 'Token requests',
  size: { capacity: 10, refill: 10 },
  shared: false,
};
