import * as z from 'zod';
import { METRIC_NAMESPACE } from '../../shared/worker/metrics.ts';

const environmentSchema = z.object({
  LAKE_BUCKET: z.string().min(1),
  CURSOR_TABLE: z.string().min(1),
  ICEBERG_DATABASE: z.string().min(1),
  SLICES_DATABASE: z.string().min(1),
  METRIC_NAMESPACE: z.string().min(1).default(METRIC_NAMESPACE),
  EXPIRE_AFTER_DAYS: z.string().default('{}'),
});

const daysSchema = z.record(z.string(), z.int().positive());

/** The settings that the stack passes to the function. */
export interface PublishEnvironment {
  bucket: string;
  cursorTable: string;
  database: string;
  slicesDatabase: string;
  metricNamespace: string;
  /** The age at which rows of a table are deleted, days. Other tables keep theirs. */
  expireAfterDays: Readonly<Record<string, number>>;
}

/** Reads the environment. @throws if a variable is missing or invalid */
export function readPublishEnvironment(variables: NodeJS.ProcessEnv): PublishEnvironment {
  const environment = environmentSchema.parse(variables);
  return {
    bucket: environment.LAKE_BUCKET,
    cursorTable: environment.CURSOR_TABLE,
    database: environment.ICEBERG_DATABASE,
    slicesDatabase: environment.SLICES_DATABASE,
    metricNamespace: environment.METRIC_NAMESPACE,
    expireAfterDays: daysSchema.parse(JSON.parse(environment.EXPIRE_AFTER_DAYS)),
  };
}
