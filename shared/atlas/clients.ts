import { type CredentialName, inOrderOfPreference } from '../credential-name.ts';
import type { AtlasClient, AtlasCredentials } from './api.ts';
import { type AtlasClientOptions, createAtlasClient } from './client.ts';
import { AtlasConfigurationError } from './errors.ts';

/** Credentials by name. One that cannot be used has its error, so that the others still work. */
export type CredentialSet = ReadonlyMap<CredentialName, AtlasCredentials | AtlasConfigurationError>;

/** The clients of all credentials. They share nothing, so that a bad credential does not slow down another. */
export interface AtlasClients {
  /** Reads which credentials there are now, in order of preference. */
  names(): Promise<CredentialName[]>;
  /** Returns the client of a credential, with rate limits, tokens and connections of its own. */
  of(name: CredentialName): AtlasClient;
  close(): Promise<void>;
}

export interface AtlasClientsOptions extends Omit<AtlasClientOptions, 'credentials'> {
  /** Reads all credentials again on each call. */
  readonly credentials: () => Promise<CredentialSet>;
}

/** Creates the clients of all credentials, each when it is first needed. */
export function createAtlasClients({ credentials, ...options }: AtlasClientsOptions): AtlasClients {
  const clients = new Map<CredentialName, AtlasClient>();
  return {
    names: async () => inOrderOfPreference((await credentials()).keys()),
    of(name) {
      const known = clients.get(name);
      if (known) return known;
      const client = createAtlasClient({
        ...options,
        credentials: async () => credentialOf(await credentials(), name),
      });
      clients.set(name, client);
      return client;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** Returns the set of a credential that needs no name. */
export function onlyCredential(credentials: AtlasCredentials): CredentialSet {
  return new Map([[null, credentials]]);
}

function credentialOf(all: CredentialSet, name: CredentialName): AtlasCredentials {
  const found = all.get(name);
  if (found instanceof AtlasConfigurationError) throw found;
  if (found) return found;
  const text =
    name === null ? 'there is no credential without a name' : `there is no credential with the name ${name}`;
  throw new AtlasConfigurationError(text, { operation: 'readCredentials', attempts: 0 });
}
