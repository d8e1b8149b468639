import type { ProjectId } from '../../ids.ts';

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

/** Counted for the user, and a client has one. */
export const PROJECTS_BUCKET: Bucket = {
  key: 'Projects',
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
