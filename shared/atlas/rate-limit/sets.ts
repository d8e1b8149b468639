import { MINUTE } from '../../durations.ts';
import {
  isOrganisationId,
  isProjectId,
  type OrganisationId,
  type ProjectId,
  type Subject,
} from '../../ids.ts';
import type { ResourceRead } from '../api.ts';

/** The size of a token bucket and its refill rate. */
export interface BucketSize {
  /** Requests that a full bucket allows. */
  readonly capacity: number;
  /** Requests added in each `REFILL_INTERVAL`. */
  readonly refill: number;
}

/** One bucket of Atlas: a set of endpoints for one project, organisation or client. */
export interface Bucket {
  /** Identifies it among the client's buckets and in errors. */
  readonly key: string;
  readonly size: BucketSize;
  /** Whether the client leaves the configured reserve in it. */
  readonly shared: boolean;
}

/** Milliseconds; the sizes of all sets are documented per 60 seconds. */
export const REFILL_INTERVAL = MINUTE;

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

/** Slow queries and suggestions. MongoDB documents no size for this set; most sets of a project have one at least as large. */
export function performanceAdvisorBucket(project: ProjectId): Bucket {
  return {
    key: `Performance Advisor, project ${project}`,
    size: { capacity: 300, refill: 100 },
    shared: true,
  };
}

/** MongoDB documents no size for this set either. */
export function queryShapeInsightsBucket(project: ProjectId): Bucket {
  return {
    key: `Query Shape Insights, project ${project}`,
    size: { capacity: 300, refill: 100 },
    shared: true,
  };
}

/**
 * Events of a project or organisation. The organisation's size was recorded; MongoDB documents the project's, and the
 * refill is the one of other sets of an organisation.
 */
export function eventsBucket({ kind, id }: Subject): Bucket {
  const size = kind === 'project' ? { capacity: 300, refill: 100 } : MAX_SETS.organisation;
  return { key: `Events, ${kind} ${id}`, size, shared: true };
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

/** Sets with sizes of their own. Atlas counts them for the project. */
const RESOURCE_SETS: Readonly<Record<string, (id: ProjectId) => Bucket>> = {
  Clusters: clustersBucket,
  'Monitoring and Logs': monitoringBucket,
};

/** Most sets of endpoints have one of two sizes, depending on whom Atlas counts them for. */
const MAX_SETS = {
  project: { capacity: 1_200, refill: 500 },
  organisation: { capacity: 500, refill: 250 },
} as const;

/** Returns the bucket of a set of endpoints that only a catalogue knows, by MongoDB's name for it. */
export function resourceBucket({ set, scope, id }: ResourceRead['limit']): Bucket {
  const own = isProjectId(id) && scope === 'project' ? RESOURCE_SETS[set]?.(id) : undefined;
  // Cost Explorer uses the same bucket.
  if (set === 'Invoices' && isOrganisationId(id)) return invoicesBucket(id);
  return own ?? { key: `${set}, ${scope} ${id}`, size: MAX_SETS[scope], shared: true };
}

/** Cost Explorer's bucket, one for each organisation. */
export function invoicesBucket(organisation: OrganisationId): Bucket {
  return {
    key: `Invoices, organisation ${organisation}`,
    size: { capacity: 500, refill: 100 },
    shared: true,
  };
}

/** Counts for the user; a client has one. */
export const PROJECTS_BUCKET: Bucket = {
  key: 'Projects',
  size: { capacity: 1_200, refill: 500 },
  shared: true,
};

/**
 * The API's root, which shows the time. It belongs to no set of endpoints, and gets at most one request in ten minutes.
 */
export const STATUS_BUCKET: Bucket = {
  key: 'Status',
  size: { capacity: 1_200, refill: 500 },
  shared: true,
};

/**
 * "Resource /api/oauth/token is limited to 10 requests every 1 minutes", for an address and client. No other client
 * shares it, and without a token no request is possible, so it keeps no reserve.
 */
export const TOKEN_BUCKET: Bucket = {
  key: 'Token requests',
  size: { capacity: 10, refill: 10 },
  shared: false,
};
