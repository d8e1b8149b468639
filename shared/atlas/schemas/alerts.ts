import * as z from 'zod';
import { type AlertConfigurationId, type AlertId, isAlertConfigurationId, isAlertId } from '../../ids.ts';
import type { Alert, AlertConfiguration, AtlasDocument } from '../api.ts';
import { depthFault } from '../depth.ts';
import { asNumber } from '../exact-json.ts';
import { forgiving, type ItemResult, type ItemType, rawKeyOf } from '../items.ts';
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

/** Returns an item type that checks the fields that are read and keeps the whole document. */
function withDocument<Fields, T extends { id: string }>(
  fields: z.ZodType<Fields>,
  id: z.ZodType<string>,
  combine: (fields: Fields, document: AtlasDocument) => T,
): ItemType<T> {
  return {
    read(raw): ItemResult<T> {
      const tooDeep = depthFault(raw);
      if (tooDeep) return { fault: tooDeep };
      const result = forgiving(fields, raw);
      if ('fault' in result) return result;
      return { ...result, value: combine(result.value, withoutLinks(Object(raw))) };
    },
    key: (item) => item.id,
    rawKey: rawKeyOf('id', id),
  };
}

function withoutLinks({ links: _, ...document }: Record<string, unknown>): AtlasDocument {
  return document;
}
