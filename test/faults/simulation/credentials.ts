import { type CredentialSet, onlyCredential } from '../../../shared/atlas/clients.ts';
import { parseCredentials } from '../../../shared/worker/credentials.ts';
import { DEFAULT_CLIENTS, type ServiceAccount } from '../../../simulator/auth/credentials.ts';
import type { Organisation } from '../../../simulator/organisation.ts';
import { type CredentialOutage, namedCredentialsOf } from './generators/credentials.ts';
import { type Departure, minuteOf } from './history.ts';

/** The list of projects, but nothing of one project. */
const LIST = /^\/api\/atlas\/v2\/groups(\?|$)/;

/** The secret of a history, and the accounts of Atlas that it holds. */
export class SimulatedCredentials {
  /** The first can read all projects. */
  readonly accounts: readonly ServiceAccount[];
  readonly #namedAt: number;
  #outages: readonly CredentialOutage[];

  constructor(seed: number, { id: organisation, projects }: Organisation, departures: readonly Departure[]) {
    const named = namedCredentialsOf(seed);
    const own = Object.entries(named?.projects ?? {}).map(([name, numbers]) => ({
      ...{ clientId: name, clientSecret: `secret of ${name}`.replaceAll(' ', '-') },
      // Each may read the organisation, because nobody could say what a run without that right should have read.
      projects: [organisation, ...numbers.flatMap((number) => projects[number]?.id ?? [])],
    }));
    this.accounts = [...DEFAULT_CLIENTS.serviceAccounts, ...own];
    // The owner does not rename the credential of a project that has gone, because nobody could then ask Atlas for it.
    const isGone = departures.some(({ to }) => to === null);
    this.#namedAt = named ? minuteOf(isGone ? 0 : named.namedAt) : Number.POSITIVE_INFINITY;
    this.#outages = named?.outages ?? [];
  }

  /** Ends all outages. */
  end(): void {
    this.#outages = [];
  }

  /** Returns what the secret holds at a time. */
  at(now: number): CredentialSet {
    const [unnamed, ...named] = this.accounts;
    if (!unnamed) throw new Error('there is no account');
    if (now < this.#namedAt) return onlyCredential({ kind: 'service-account', ...unnamed });
    const entries = named.map(({ clientId, clientSecret }) => {
      const isIncomplete = this.#fails(clientId, 'incomplete', now);
      return [clientId, { clientId, ...(!isIncomplete && { clientSecret }) }] as const;
    });
    return parseCredentials(JSON.stringify(Object.fromEntries(entries)), 'the secret');
  }

  /** Returns the status with which Atlas answers an account's request at a time; null if it answers as usual. */
  failure(clientId: string, path: string, now: number): number | null {
    if (this.#fails(clientId, 'refused', now)) return 401;
    return LIST.test(path) && this.#fails(clientId, 'unlistable', now) ? 503 : null;
  }

  #fails(name: string, kind: CredentialOutage['kind'], now: number): boolean {
    return this.#outages.some(
      (one) =>
        one.credential === name && one.kind === kind && now >= minuteOf(one.from) && now < minuteOf(one.to),
    );
  }
}
