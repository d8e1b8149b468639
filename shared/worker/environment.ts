import * as z from 'zod';
import { type FunctionConfig, parseFunctionConfig } from '../config.ts';

/** Where Atlas is, when nothing else is said. */
export const ATLAS_BASE_URL = 'https://cloud.mongodb.com';

const environmentSchema = z.object({
  ATLAS_SECRET_ARN: z.string().min(1),
  COLLECTOR_CONFIG: z.string().min(1),
  MONGODB_ATLAS_BASE_URL: z.string().min(1).default(ATLAS_BASE_URL),
});

const tableSchema = z.object({ CURSOR_TABLE: z.string().min(1) });
const storeSchema = tableSchema.extend({ LAKE_BUCKET: z.string().min(1) });

/** What the stack tells every function. */
export interface FunctionEnvironment {
  secretArn: string;
  atlasBaseUrl: string;
  config: FunctionConfig;
}

/** What the stack tells the function that sends ticks. */
export interface DispatchEnvironment extends FunctionEnvironment {
  cursorTable: string;
}

/** What the stack tells a function that writes. */
export interface StoreEnvironment extends FunctionEnvironment {
  bucket: string;
  cursorTable: string;
}

/** @throws when a variable is missing, or the configuration cannot be used */
export function readEnvironment(variables: NodeJS.ProcessEnv): FunctionEnvironment {
  const environment = environmentSchema.parse(variables);
  return {
    secretArn: environment.ATLAS_SECRET_ARN,
    atlasBaseUrl: environment.MONGODB_ATLAS_BASE_URL,
    config: parseFunctionConfig(JSON.parse(environment.COLLECTOR_CONFIG)),
  };
}

/** @throws when a variable is missing, or the configuration cannot be used */
export function readStoreEnvironment(variables: NodeJS.ProcessEnv): StoreEnvironment {
  const store = storeSchema.parse(variables);
  return { ...readEnvironment(variables), bucket: store.LAKE_BUCKET, cursorTable: store.CURSOR_TABLE };
}

/** @throws when a variable is missing, or the configuration cannot be used */
export function readDispatchEnvironment(variables: NodeJS.ProcessEnv): DispatchEnvironment {
  const { CURSOR_TABLE: cursorTable } = tableSchema.parse(variables);
  return { ...readEnvironment(variables), cursorTable };
}
