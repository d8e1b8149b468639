/** An OAuth 2 client. */
export interface ServiceAccount {
  clientId: string;
  clientSecret: string;
  /** Ids of the projects, and of the organisation, that it may read. Default: all. */
  projects?: string[];
}

/** An HTTP Digest client. */
export interface ApiKey {
  publicKey: string;
  privateKey: string;
  /** Ids of the projects, and of the organisation, that it may read. Default: all. */
  projects?: string[];
}

/** All clients of the simulated API. */
export interface Clients {
  serviceAccounts: ServiceAccount[];
  apiKeys: ApiKey[];
}

/** The sender of a request. */
export interface User {
  /** The client id, or the public key. */
  id: string;
  /** @param id of a project or of the organisation */
  mayRead(id: string): boolean;
}

/** Credentials that only a simulator accepts, so they need not be secret. */
export const DEFAULT_CLIENTS: Clients = {
  serviceAccounts: [{ clientId: 'mdb_sa_id_simulator', clientSecret: 'mdb_sa_sk_not-a-secret' }],
  apiKeys: [{ publicKey: 'simulatr', privateKey: '00000000-0000-4000-8000-000000000000' }],
};

export function userOf(id: string, projects: readonly string[] | undefined): User {
  return { id, mayRead: (one) => projects === undefined || projects.includes(one) };
}
