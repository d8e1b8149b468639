/** A client of the OAuth 2 kind. */
export interface ServiceAccount {
  clientId: string;
  clientSecret: string;
  /** Ids of the projects that it may read. Default: all. */
  projects?: string[];
}

/** A client of the HTTP Digest kind. */
export interface ApiKey {
  publicKey: string;
  privateKey: string;
  /** Ids of the projects that it may read. Default: all. */
  projects?: string[];
}

/** Everyone who may use the simulated API. */
export interface Clients {
  serviceAccounts: ServiceAccount[];
  apiKeys: ApiKey[];
}

/** Who sends a request. */
export interface User {
  /** The client id, or the public key. */
  id: string;
  mayRead(projectId: string): boolean;
}

/** They open nothing but a simulator, so they may be known to all. */
export const DEFAULT_CLIENTS: Clients = {
  serviceAccounts: [{ clientId: 'mdb_sa_id_simulator', clientSecret: 'mdb_sa_sk_not-a-secret' }],
  apiKeys: [{ publicKey: 'simulatr', privateKey: '00000000-0000-4000-8000-000000000000' }],
};

export function userOf(id: string, projects: readonly string[] | undefined): User {
  return { id, mayRead: (projectId) => projects === undefined || projects.includes(projectId) };
}
