import type { AtlasCredentials } from '../shared/atlas/api.ts';
import { ATLAS_BASE_URL } from '../shared/worker/environment.ts';
import { UsageFailure } from './failure.ts';

/** The Atlas that the environment names, by the names that Atlas's own tools use. */
export interface AtlasEnvironment {
  baseUrl: string;
  credentials: AtlasCredentials;
}

/** @throws {UsageFailure} when there are no credentials, or half of them */
export function atlasEnvironment(variables: NodeJS.ProcessEnv): AtlasEnvironment {
  return {
    baseUrl: variables['MONGODB_ATLAS_BASE_URL'] || ATLAS_BASE_URL,
    credentials: credentials(variables),
  };
}

/** What hashes of withheld values are keyed with. */
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
    throw new UsageFailure(`${one ? second : first} is not set, but ${one ? first : second} is`);
  return undefined;
}
