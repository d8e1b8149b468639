import type { AlertConfigurationId, AlertId } from '../../ids.ts';
import type { AtlasDocument } from './document.ts';

/** The condition that raises alerts. All instants in ms since the epoch. */
export interface AlertConfiguration {
  id: AlertConfigurationId;
  enabled: boolean | null;
  /** OUTSIDE_METRIC_THRESHOLD, NO_PRIMARY, …; Atlas adds others, and omits it for some. */
  eventTypeName: string | null;
  /** From `metricThreshold`. Other kinds have a `threshold` without it, or none. */
  metricName: string | null;
  operator: string | null;
  threshold: number | null;
  thresholdUnits: string | null;
  severityOverride: string | null;
  created: number | null;
  updated: number | null;
  /** The whole document. Its notifications may contain credentials. */
  document: AtlasDocument;
}

/** One alert, from opening to end. All instants in ms since the epoch. */
export interface Alert {
  id: AlertId;
  configuration: AlertConfigurationId | null;
  /** TRACKING, OPEN, CLOSED or CANCELLED; Atlas may add others. */
  status: string;
  eventTypeName: string | null;
  created: number;
  /** Changes with every evaluation, even long after the alert ended. */
  updated: number | null;
  /** When the alert closed. */
  resolved: number | null;
  lastNotified: number | null;
  acknowledgedUntil: number | null;
  acknowledgingUsername: string | null;
  acknowledgementComment: string | null;
  clusterName: string | null;
  replicaSetName: string | null;
  hostnameAndPort: string | null;
  metricName: string | null;
  currentValue: number | null;
  currentUnits: string | null;
  document: AtlasDocument;
}

/** The statuses by which a project's alerts can be listed. */
export type AlertStatus = 'TRACKING' | 'OPEN' | 'CLOSED';
