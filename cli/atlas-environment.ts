import type { AtlasCredentials } from '../shared/atlas/api.ts';
import { ATLAS_BASE_URL } from '../shared/worker/environment.ts';
import { UsageFailure } from './failure.ts';

/** The Atlas connection that the environment configures, with the variable names of Atlas's own tools. */
export interface AtlasEnvironment {
  baseUrl: string;
  credentials: AtlasCredentials;
}

/**
 * Reads the Atlas connection from environment variables.
 * @throws {UsageFailure} when the credentials are missing or incomplete
 */
export function atlasEnvironment(variables: NodeJS.ProcessEnv): AtlasEnvironment {
  return {
    baseUrl: variables['MONGODB_ATLAS_BASE_URL'] || ATLAS_BASE_URL,
    credentials: credentials(variables),
  };
}

/** Returns the key for hashes of redacted values. */
export function redactionKey(variables: NodeJS.ProcessEnv): string | null {
  return variables['ATLAS_LAKE_REDACTION_KEY'] || null;
}

function credentials(variables: NodeJS.ProcessEnv): AtlasCredentials {
  const account = pair(variables, 'MONGODB_ATLAS_CLIENT_ID', 'MONGODB_ATLAS_CLIENT_SECRET');
  if (account) return { kind: 'service-account', clientId: account[0], clientSecret: account[1] };
  const key = pair(variables, 'MONGODB_ATLAS_PUBLIC_API_KEY', 'MONGODB_ATLAS_PRIVATE_API_KEY');
  if (key) return { kind: 'api-key', publicKey: key[0], privateKey: key[1] };
  throw new UsageFailure(
    'no Atlas credentials: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY',
  );
}

function pair(variables: NodeJS.ProcessEnv, first: string, second: string): [string, string] | undefined {
  const [one, two] = [variables[first], variables[second]];
  if (one && two) return [one, two];
  if (one || two)
    throw new UsageFailure(`${one ? second : first} is not set, but ${one ? first : second} is: set both`);
  return undefined;
}
