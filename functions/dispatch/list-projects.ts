import type { AtlasSession } from '../../shared/atlas/api.ts';
import { AtlasApiError } from '../../shared/atlas/errors.ts';
import { refusalCode } from '../../shared/atlas/refusal.ts';
import { type CredentialName, credentialField, inOrderOfPreference } from '../../shared/credential-name.ts';
import { SECOND } from '../../shared/durations.ts';
import { isRefusal } from '../../shared/engine/errors.ts';
import { LIST_SECONDS } from '../../shared/worker/limits.ts';
import type { DispatchRuntime } from '../../shared/worker/runtime.ts';
import type { CredentialListing } from './plan.ts';

/** A credential whose list of projects could not be read. */
export class FailedCredential {
  readonly credential: CredentialName;
  readonly error: Error;

  constructor(credential: CredentialName, error: unknown) {
    this.credential = credential;
    this.error = error instanceof Error ? error : new Error(String(error));
  }

  /** Why, without the words of Atlas's answer, which may contain names. */
  get reason(): string {
    const { error } = this;
    if (error instanceof AtlasApiError) return `${error.name}: ${refusalCode(error)}`;
    return isRefusal(error) ? error.message : error.name;
  }

  /** Leaves out the error, because AWS may log or store the answer of a function. */
  toJSON(): { credential: CredentialName; reason: string } {
    return { credential: this.credential, reason: this.reason };
  }
}

/** Atlas answers no credential. */
export class NoCredentialWorksError extends Error {
  override readonly name = 'NoCredentialWorksError';
  readonly failed: readonly FailedCredential[];

  constructor(failed: readonly FailedCredential[]) {
    const reasons = failed.map(({ credential, error }) => `${credential}: ${error.message}`);
    super(`no credential works: ${reasons.join('; ')}`, { cause: failed[0]?.error });
    this.failed = failed;
  }
}

/** The answer of one credential. */
interface Answer extends CredentialListing {
  atlas: AtlasSession;
}

/** What the credentials list, and the sessions that listed it. */
export interface ProjectLists {
  listings: readonly Answer[];
  failed: readonly FailedCredential[];
}

/**
 * Lists the projects of each credential, all at the same time. If there are several, each has only a part of the time,
 * because one that hangs must not delay the others for longer.
 *
 * @throws the error of the only credential, or NoCredentialWorksError, if none can list its projects
 */
export async function listProjects(
  dataset: string,
  deadline: number,
  tools: DispatchRuntime,
): Promise<ProjectLists> {
  const failed: FailedCredential[] = [];
  const names = await namesOf(dataset, tools);
  const own = names.length > 1 ? Math.min(deadline, tools.clock.now() + LIST_SECONDS * SECOND) : deadline;
  const listings = await Promise.all(
    names.map(async (credential): Promise<Answer> => {
      const atlas = tools.atlas.of(credential).session({ deadline: own });
      try {
        return { credential, atlas, listed: await atlas.listProjects(), isRefused: false };
      } catch (error) {
        reportRefusal(dataset, credential, error, tools);
        failed.push(new FailedCredential(credential, error));
        return { credential, atlas, listed: null, isRefused: isRefusal(error) };
      }
    }),
  );
  if (failed.length < listings.length) return { listings, failed };
  throw noneWorks(failed);
}

/** Returns the error if no credential works: that of the only one, if it has no name. */
export function noneWorks(failed: readonly FailedCredential[]): Error {
  const [first, ...others] = failed;
  return others.length === 0 && first?.credential === null ? first.error : new NoCredentialWorksError(failed);
}

/** Returns the names of the credentials that there are, and of those that the configuration expects. */
async function namesOf(dataset: string, tools: DispatchRuntime): Promise<CredentialName[]> {
  try {
    return inOrderOfPreference([...(await tools.atlas.names()), ...tools.config.credentials]);
  } catch (error) {
    // The content as a whole cannot be used, so each expected credential lacks, too.
    for (const name of [null, ...tools.config.credentials]) reportRefusal(dataset, name, error, tools);
    throw error;
  }
}

function reportRefusal(
  dataset: string,
  credential: CredentialName,
  error: unknown,
  { log, onRefused }: DispatchRuntime,
): void {
  if (!isRefusal(error)) return;
  const what =
    credential === null ? 'no project can be collected' : 'no project of this credential can be collected';
  log.error(what, { dataset, ...credentialField(credential), reason: error.message });
  onRefused(dataset, credential);
}
