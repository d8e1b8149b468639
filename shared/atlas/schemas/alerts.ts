import * as z from 'zod';
import { type AlertConfigurationId, type AlertId, isAlertConfigurationId, isAlertId } from '../../ids.ts';
import type { Alert, AlertConfiguration, AtlasDocument } from '../api.ts';
import { asNumber } from '../exact-json.ts';
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

/** Only what the reference text requires is required; the rest differs from kind to kind, and kinds are added. */
const alertFields = z.object({
  id: alertId,
  alertConfigId: configurationId.nullish(),
  status: name,
  eventTypeName: name,
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

export const alert: z.ZodType<Alert> = withDocument(
  alertFields,
  ({ alertConfigId, currentValue, ...fields }, document) => ({
    ...fields,
    configuration: alertConfigId ?? null,
    currentValue: currentValue?.number ?? null,
    currentUnits: currentValue?.units ?? null,
    document,
  }),
);

/** `metricThreshold` of metrics, `threshold` of other values; most kinds have neither. */
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
  eventTypeName: name,
  metricThreshold: threshold,
  threshold,
  severityOverride: optionalText,
  created: optionalInstant,
  updated: optionalInstant,
});

export const alertConfiguration: z.ZodType<AlertConfiguration> = withDocument(
  configurationFields,
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

/**
 * Levels of a document that is kept whole; Atlas's have four. What walks through it later calls itself for each, and
 * some thousands of levels end that with a RangeError.
 */
const DEEPEST = 50;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** Checks the fields that are read, and keeps the whole as it came. */
function withDocument<Fields, T>(
  fields: z.ZodType<Fields>,
  combine: (fields: Fields, document: AtlasDocument) => T,
): z.ZodType<T> {
  return z.unknown().transform((whole, context): T => {
    if (isDeeper(whole, DEEPEST)) {
      context.addIssue({ code: 'custom', message: `expected at most ${DEEPEST} levels` });
      return z.NEVER;
    }
    const result = fields.safeParse(whole);
    if (result.success) return combine(result.data, withoutLinks(Object(whole)));
    for (const issue of result.error.issues) {
      const message = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message;
      context.addIssue({ code: 'custom', path: issue.path, message });
    }
    return z.NEVER;
  });
}

function withoutLinks({ links: _, ...document }: Record<string, unknown>): AtlasDocument {
  return document;
}
