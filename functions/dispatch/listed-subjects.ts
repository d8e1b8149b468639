import type { Project } from '../../shared/atlas/api.ts';
import { isWhole, type Listing, mayHold } from '../../shared/atlas/listing.ts';
import type { CredentialName } from '../../shared/credential-name.ts';
import type { OrganisationId, ProjectId, Subject, SubjectId } from '../../shared/ids.ts';
import type { AssignedSubject, CredentialListing, TickScope } from './plan.ts';

/**
 * What the lists say about a subject that an earlier tick has seen:
 *
 * - `listed`, and wanted
 * - `may-be-listed`: the list that should have it cannot be read as a whole
 * - `absent`: the credential that listed it last does not list it now
 * - `orphaned`: that credential is no longer there, and no list that can be read has it
 * - `unknown`: the configuration does not want it, or no list says anything about it
 */
export type Presence = 'listed' | 'may-be-listed' | 'absent' | 'orphaned' | 'unknown';

/** What all credentials list. Each project and organisation belongs to the first credential that lists it. */
export class ListedSubjects {
  /** The wanted subjects. */
  readonly chosen: readonly AssignedSubject[];
  /** Wanted projects that no list has. */
  readonly missing: readonly ProjectId[];
  /** Whether there are wanted projects that no list shows. They may be in one that cannot be read. */
  readonly #hasUnlisted: boolean;
  /** Null if the configuration names no projects. */
  readonly #wanted: ReadonlySet<string> | null;
  readonly #excluded: ReadonlySet<string>;
  readonly #lists: ReadonlyMap<CredentialName, CredentialListing>;
  readonly #all = new Map<SubjectId, CredentialName>();
  readonly #chosen: ReadonlyMap<SubjectId, CredentialName>;

  constructor(scope: TickScope) {
    const { kinds, listings, config } = scope;
    this.#wanted = config.projects ? new Set(config.projects) : null;
    this.#excluded = new Set(config.excludeProjects);
    this.#lists = new Map(listings.map((listing) => [listing.credential, listing]));
    const projects = new Map<ProjectId, CredentialName>();
    const organisations = new Map<OrganisationId, CredentialName>();
    for (const { credential, listed } of listings) {
      for (const { id, organisation } of listed?.items ?? []) {
        const isWanted = this.#isWanted(id);
        if (!this.#all.has(id)) this.#all.set(id, credential);
        if (isWanted && !projects.has(id)) projects.set(id, credential);
        if (organisation === null) continue;
        if (!this.#all.has(organisation)) this.#all.set(organisation, credential);
        if (isWanted && !organisations.has(organisation)) organisations.set(organisation, credential);
      }
    }
    // A project that may be among the unreadable items is not missing.
    const unlisted = (config.projects ?? []).filter((id) => this.#isWanted(id) && !this.#all.has(id));
    this.#hasUnlisted = unlisted.length > 0;
    this.missing = unlisted.filter((id) => !listings.some(({ listed }) => mayHave(listed, id)));
    this.chosen = [
      ...(kinds.includes('project') ? [...projects] : []).map(([id, credential]) => ({
        subject: { kind: 'project' as const, id },
        credential,
      })),
      ...(kinds.includes('organisation') ? [...organisations] : []).map(([id, credential]) => ({
        subject: { kind: 'organisation' as const, id },
        credential,
      })),
    ];
    this.#chosen = new Map(this.chosen.map(({ subject, credential }) => [subject.id, credential]));
  }

  /** Returns why the list of a credential cannot be read; null if it can. */
  failureOf(credential: CredentialName): 'refused' | 'passing' | null {
    const listing = this.#lists.get(credential);
    if (listing === undefined || listing.listed !== null) return null;
    return listing.isRefused ? 'refused' : 'passing';
  }

  /** Returns what is known of a subject, and the credential to which it belongs now. @param before the one that listed it last */
  find(subject: Subject, before: CredentialName): { presence: Presence; credential: CredentialName } {
    const now = this.#chosen.get(subject.id);
    if (now !== undefined) return { presence: 'listed', credential: now };
    return { presence: this.#presenceOf(subject, before), credential: before };
  }

  /** Returns whether a subject is wanted, but no list that can be read has it. Nobody knows which credential listed it last. */
  isOrphan(subject: Subject): boolean {
    return this.#presenceOf(subject, undefined) === 'orphaned';
  }

  /** @param before the credential that listed it last; undefined if nobody knows */
  #presenceOf(subject: Subject, before: CredentialName | undefined): Presence {
    return subject.kind === 'project'
      ? this.#ofProject(subject.id, before)
      : this.#ofOrganisation(subject.id, before);
  }

  #ofProject(id: ProjectId, before: CredentialName | undefined): Presence {
    if (this.#all.has(id) || !this.#isWanted(id)) return 'unknown';
    const list = this.#listOf(before);
    if (list !== undefined) return mayHave(list, id) ? 'may-be-listed' : 'absent';
    // It may be in a list that cannot be read. It is reported all the same, or one broken credential would hide all these.
    return 'orphaned';
  }

  #ofOrganisation(id: OrganisationId, before: CredentialName | undefined): Presence {
    const list = this.#listOf(before);
    // With a selection of projects, whether the organisation has a wanted one is unknown.
    if (list === null) return this.#wanted === null && !this.#excluded.has(id) ? 'may-be-listed' : 'unknown';
    if (list !== undefined && isPartial(list)) return 'may-be-listed';
    if (this.#all.has(id) || this.#excluded.has(id)) return 'unknown';
    // An organisation whose projects are all excluded still exists. One that has gone must have had a wanted project.
    if (list === undefined) return this.#wanted === null || this.#hasUnlisted ? 'orphaned' : 'unknown';
    return this.#wanted === null || this.missing.length > 0 ? 'absent' : 'unknown';
  }

  /** Returns null for a list that cannot be read, and undefined for a credential that is not there. */
  #listOf(credential: CredentialName | undefined): Listing<Project> | null | undefined {
    return credential === undefined ? undefined : this.#lists.get(credential)?.listed;
  }

  #isWanted(id: ProjectId): boolean {
    return !this.#excluded.has(id) && (this.#wanted?.has(id) ?? true);
  }
}

function mayHave(list: Listing<Project> | null, id: ProjectId): boolean {
  return list === null || mayHold(list, id);
}

/** A project without an organisation may belong to any known one. */
function isPartial(list: Listing<Project>): boolean {
  return !isWhole(list) || list.items.some(({ organisation }) => organisation === null);
}
