import { Random } from '../random.ts';

/** A time at which a credential does not work, in minutes after the start. */
export interface CredentialOutage {
  credential: string;
  /** Atlas refuses it, fails only its list of projects, or its entry in the secret is not complete. */
  kind: 'refused' | 'unlistable' | 'incomplete';
  from: number;
  to: number;
}

/** The named credentials of a history. */
export interface NamedCredentials {
  /** The numbers of the projects that each can read. Together they can read all. */
  projects: Readonly<Record<string, readonly number[]>>;
  /** When the secret gets the names, in minutes after the start. Before, it has one credential that can read all. */
  namedAt: number;
  outages: readonly CredentialOutage[];
}

/** The faults and the change of the secret begin within this many minutes from the start. */
const LATEST_START = 400;

/** In minutes. Longer than Atlas keeps the finest data. */
const LONG = 2_600;

const KINDS = ['refused', 'unlistable', 'incomplete'] as const;

/** Returns the named credentials of a quarter of the histories; null for the others. Only the seed decides. */
export function namedCredentialsOf(seed: number): NamedCredentials | null {
  const random = new Random(seed ^ 0xc4ed);
  if (!random.chance(0.25)) return null;
  const projects = random.pick([
    { acme: [0], globex: [1] },
    { acme: [0, 1], globex: [1] },
    { acme: [1], globex: [0, 1] },
  ]);
  const outages = Array.from({ length: random.below(3) }, () => {
    const from = random.below(LATEST_START);
    const length = random.chance(0.8) ? 10 + random.below(300) : LONG + random.below(LONG);
    return {
      credential: random.pick(['acme', 'globex']),
      kind: random.pick(KINDS),
      from,
      to: from + length,
    };
  });
  return { projects, namedAt: random.chance(0.5) ? random.below(LATEST_START) : 0, outages };
}
