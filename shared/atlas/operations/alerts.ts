import type { AlertConfigurationId, AlertId, ProjectId } from '../../ids.ts';
import type { Alert, AlertConfiguration, AlertStatus } from '../api.ts';
import type { Listing } from '../listing.ts';
import { readOne, readPages } from '../pages.ts';
import { alertConfigurationsBucket, alertsBucket } from '../rate-limit/sets.ts';
import { readSince } from '../read-since.ts';
import type { Requester } from '../requester.ts';
import * as schemas from '../schemas/alerts.ts';

export function listAlertConfigurations(
  atlas: Requester,
  project: ProjectId,
): Promise<Listing<AlertConfiguration>> {
  const read = {
    operation: 'listAlertConfigurations',
    exact: true,
    bucket: alertConfigurationsBucket(project),
    segments: ['groups', project, 'alertConfigs'],
  };
  return readPages(atlas, read, schemas.alertConfiguration);
}

export function getAlertConfiguration(
  atlas: Requester,
  project: ProjectId,
  configuration: AlertConfigurationId,
): Promise<AlertConfiguration | null> {
  const read = {
    operation: 'getAlertConfiguration',
    exact: true,
    bucket: alertConfigurationsBucket(project),
    segments: ['groups', project, 'alertConfigs', configuration],
    query: [],
  };
  return readOne(atlas, read, schemas.alertConfiguration);
}

export function listAlertsOfConfiguration(
  atlas: Requester,
  project: ProjectId,
  configuration: AlertConfigurationId,
): Promise<Listing<Alert>> {
  const read = {
    operation: 'listAlertsOfConfiguration',
    exact: true,
    bucket: alertsBucket(project),
    segments: ['groups', project, 'alertConfigs', configuration, 'alerts'],
  };
  return readPages(atlas, read, schemas.alert);
}

export function listAlertsSince(
  atlas: Requester,
  project: ProjectId,
  status: AlertStatus,
  since: number,
): Promise<Listing<Alert>> {
  const read = {
    operation: 'listAlerts',
    exact: true,
    bucket: alertsBucket(project),
    segments: ['groups', project, 'alerts'],
    query: [['status', status]] as const,
  };
  return readSince(atlas, read, schemas.alert, since, ({ created }) => created);
}

export function getAlert(atlas: Requester, project: ProjectId, alert: AlertId): Promise<Alert | null> {
  const read = {
    operation: 'getAlert',
    exact: true,
    bucket: alertsBucket(project),
    segments: ['groups', project, 'alerts', alert],
    query: [],
  };
  return readOne(atlas, read, schemas.alert);
}
