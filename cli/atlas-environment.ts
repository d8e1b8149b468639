import { readFileSync } from 'node:fs';
import type { AtlasCredentials } from '../shared/atlas/api.ts';
import { type CredentialSet, onlyCredential } from '../shared/atlas/clients.ts';
import { AtlasConfigurationError } from '../shared/atlas/errors.ts';
import { type HttpsProxy, ProxyError, proxyFrom } from '../shared/https-proxy.ts';
import { parseCredentials } from '../shared/worker/credentials.ts';
import { ATLAS_BASE_URL } from '../shared/worker/environment.ts';
import { profileVariables } from './atlas-profile.ts';
import { UsageFailure } from './failure.ts';

/** The Atlas connection that the environment configures, with the variable names of Atlas's own tools. */
export interface AtlasEnvironment {
  baseUrl: string;
  /** Reads the credentials again on each call. If that fails after the first time, returns what it last read. */
  credentials: () => Promise<CredentialSet>;
  proxy: HttpsProxy | undefined;
}

/** Names a file with the same content as the secret in AWS: the only way to several credentials on one machine. */
const FILE = 'ATLAS_LAKE_CREDENTIALS_FILE';

/**
 * Reads the Atlas connection from environment variables, and without credentials there, from a profile of the Atlas CLI.
 * @throws {UsageFailure} when the credentials are missing or incomplete, or the proxy's address is wrong
 */
export async function atlasEnvironment(variables: NodeJS.ProcessEnv): Promise<AtlasEnvironment> {
  const own = credentials(variables);
  const file = variables[FILE];
  if (file) {
    if (own)
      throw new UsageFailure(`${FILE} is set, and so are credentials in the environment: unset one of them`);
    return {
      baseUrl: variables['MONGODB_ATLAS_BASE_URL'] || ATLAS_BASE_URL,
      credentials: rereading(file),
      proxy: proxy(variables),
    };
  }
  const chosen = own ? variables : { ...(await profileVariables(variables)), ...given(variables) };
  const found = own ?? credentials(chosen);
  if (!found)
    throw new UsageFailure(
      'no Atlas credentials: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or name a profile of the Atlas CLI with MONGODB_ATLAS_PROFILE, or a file with ATLAS_LAKE_CREDENTIALS_FILE',
    );
  return {
    baseUrl: chosen['MONGODB_ATLAS_BASE_URL'] || ATLAS_BASE_URL,
    credentials: async () => onlyCredential(found),
    proxy: proxy(variables),
  };
}

/**
 * Reads the file once now, and again on each call. While someone writes the file, a read may fail. That must not end a
 * collection of all credentials, so the last good content counts. Atlas still refuses what has expired.
 * @throws {UsageFailure} if it cannot be read now
 */
function rereading(file: string): () => Promise<CredentialSet> {
  let last = readFile(file);
  return async () => {
    try {
      last = readFile(file);
    } catch (error) {
      if (!(error instanceof UsageFailure)) throw error;
    }
    return last;
  };
}

/** @throws {UsageFailure} with one line, without the file's content */
function readFile(file: string): CredentialSet {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageFailure(`cannot read ${FILE}: ${why}`, { cause: error });
  }
  try {
    return parseCredentials(text, `the file ${file}`);
  } catch (error) {
    throw error instanceof AtlasConfigurationError ? new UsageFailure(error.message) : error;
  }
}

function proxy(variables: NodeJS.ProcessEnv): HttpsProxy | undefined {
  try {
    return proxyFrom(variables);
  } catch (error) {
    throw error instanceof ProxyError ? new UsageFailure(error.message) : error;
  }
}

/** Returns the variables that have a value. An empty one does not replace a profile's setting. */
function given(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
}

/** Returns the key for hashes of redacted values. */
export function redactionKey(variables: NodeJS.ProcessEnv): string | null {
  return variables['ATLAS_LAKE_REDACTION_KEY'] || null;
}

function credentials(variables: NodeJS.ProcessEnv): AtlasCredentials | null {
  const account = pair(variables, 'MONGODB_ATLAS_CLIENT_ID', 'MONGODB_ATLAS_CLIENT_SECRET');
  if (account) return { kind: 'service-account', clientId: account[0], clientSecret: account[1] };
  const key = pair(variables, 'MONGODB_ATLAS_PUBLIC_API_KEY', 'MONGODB_ATLAS_PRIVATE_API_KEY');
  if (key) return { kind: 'api-key', publicKey: key[0], privateKey: key[1] };
  return null;
}

function pair(variables: NodeJS.ProcessEnv, first: string, second: string): [string, string] | undefined {
  const [one, two] = [variables[first], variables[second]];
  if (one && two) return [one, two];
  if (one || two)
    throw new UsageFailure(`${one ? second : first} is not set, but ${one ? first : second} is: set both`);
  return undefined;
}
