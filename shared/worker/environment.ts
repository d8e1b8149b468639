import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type FunctionConfig, parseFunctionConfig } from '../config.ts';
import { METRIC_NAMESPACE } from './metrics.ts';

/** The default base URL of Atlas. */
export const ATLAS_BASE_URL = 'https://cloud.mongodb.com';

const environmentSchema = z.object({
  ATLAS_SECRET_ARN: z.string().min(1),
  COLLECTOR_CONFIG: z.string().min(1),
  COLLECTOR_CONFIG_FILE: z.string().min(1).optional(),
  MONGODB_ATLAS_BASE_URL: z.string().min(1).default(ATLAS_BASE_URL),
  METRIC_NAMESPACE: z.string().min(1).default(METRIC_NAMESPACE),
});

const jsonObject = z.record(z.string(), z.unknown());

const storeSchema = z.object({ CURSOR_TABLE: z.string().min(1), LAKE_BUCKET: z.string().min(1) });

/** The settings that the stack passes to every function. */
export interface FunctionEnvironment {
  secretArn: string;
  atlasBaseUrl: string;
  metricNamespace: string;
  config: FunctionConfig;
}

/** The settings that the stack passes to a function that uses the bucket and the table. */
export interface StoreEnvironment extends FunctionEnvironment {
  bucket: string;
  cursorTable: string;
}

/** Reads the environment of any function. @throws if a variable is missing or the configuration is invalid */
export function readEnvironment(variables: NodeJS.ProcessEnv): FunctionEnvironment {
  const environment = environmentSchema.parse(variables);
  return {
    secretArn: environment.ATLAS_SECRET_ARN,
    atlasBaseUrl: environment.MONGODB_ATLAS_BASE_URL,
    metricNamespace: environment.METRIC_NAMESPACE,
    config: functionConfig(environment),
  };
}

/** Combines the variable with the file, which has what is too large for a variable. */
function functionConfig({
  COLLECTOR_CONFIG: inEnvironment,
  COLLECTOR_CONFIG_FILE: file,
}: z.infer<typeof environmentSchema>): FunctionConfig {
  const inFile = file === undefined ? {} : jsonObject.parse(JSON.parse(readFileSync(file, 'utf8')));
  return parseFunctionConfig({ ...inFile, ...jsonObject.parse(JSON.parse(inEnvironment)) });
}

/** Reads the environment of a function that uses the bucket and the table. @throws if a variable is missing or the configuration is invalid */
export function readStoreEnvironment(variables: NodeJS.ProcessEnv): StoreEnvironment {
  const store = storeSchema.parse(variables);
  return { ...readEnvironment(variables), bucket: store.LAKE_BUCKET, cursorTable: store.CURSOR_TABLE };
}
