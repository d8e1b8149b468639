import * as z from 'zod';
import { type AlertConfigurationId, type AlertId, isAlertConfigurationId, isAlertId } from '../../ids.ts';
import type { Alert, AlertConfiguration } from '../api.ts';
import { asNumber } from '../exact-json.ts';
import type { ItemType } from '../items.ts';
import { withDocument } from './documents.ts';
import { instant, name, optionalInstant, optionalText } from './fields.ts';

const alertId = z.custom<AlertId>(
  (value) => typeof value === 'string' && isAlertId(value),
  'expected 24 hexadecimal digits',
);

const configurationId = z.custom<AlertConfigurationId>(
  (value) => typeof value === 'string' && isAlertConfigurationId(value),
  'expected 24 hexadecimal digits',
);

const optionalNumber = z.preprocess(
  asNumber,
  z
    .number()
    .nullish()
    .transform((number) => number ?? null),
);

/** Requires only what identifies an alert's life cycle. The other fields differ between kinds, and Atlas adds kinds. */
const alertFields = z.object({
  id: alertId,
  alertConfigId: configurationId.nullish(),
  status: name,
  eventTypeName: optionalText,
  created: instant,
  updated: optionalInstant,
  resolved: optionalInstant,
  lastNotified: optionalInstant,
  acknowledgedUntil: optionalInstant,
  acknowledgingUsername: optionalText,
  acknowledgementComment: optionalText,
  clusterName: optionalText,
  replicaSetName: optionalText,
  hostnameAndPort: optionalText,
  metricName: optionalText,
  currentValue: z.object({ number: optionalNumber, units: optionalText }).nullish(),
});

export const alert: ItemType<Alert> = withDocument(
  alertFields,
  alertId,
  ({ alertConfigId, currentValue, ...fields }, document) => ({
    ...fields,
    configuration: alertConfigId ?? null,
    currentValue: currentValue?.number ?? null,
    currentUnits: currentValue?.units ?? null,
    document,
  }),
);

/** `metricThreshold` for metrics, `threshold` for other values; most kinds have neither. */
const threshold = z
  .object({
    metricName: optionalText,
    operator: optionalText,
    threshold: optionalNumber,
    units: optionalText,
  })
  .nullish();

const configurationFields = z.object({
  id: configurationId,
  enabled: z.boolean().nullish(),
  eventTypeName: optionalText,
  metricThreshold: threshold,
  threshold,
  severityOverride: optionalText,
  created: optionalInstant,
  updated: optionalInstant,
});

export const alertConfiguration: ItemType<AlertConfiguration> = withDocument(
  configurationFields,
  configurationId,
  ({ metricThreshold, threshold: plainThreshold, enabled, ...fields }, document) => {
    const limit = metricThreshold ?? plainThreshold;
    return {
      ...fields,
      enabled: enabled ?? null,
      metricName: limit?.metricName ?? null,
      operator: limit?.operator ?? null,
      threshold: limit?.threshold ?? null,
      thresholdUnits: limit?.units ?? null,
      document,
    };
  },
);
