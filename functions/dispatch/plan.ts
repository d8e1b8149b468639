import type { Project } from '../../shared/atlas/api.ts';
import type { Listing } from '../../shared/atlas/listing.ts';
import type { CollectorConfig } from '../../shared/config.ts';
import type { CredentialName } from '../../shared/credential-name.ts';
import type { Absence, KnownSubject } from '../../shared/cursors/subject-registry.ts';
import { DAY, HOUR } from '../../shared/durations.ts';
import type { ProjectId, Subject, SubjectId } from '../../shared/ids.ts';
import { ListedSubjects } from './listed-subjects.ts';

/**
 * A missing subject counts as absent after this many ticks in a row, over this much time: one missing page proves
 * nothing. Until then its runs continue as if it were listed.
 */
const ABSENT_AFTER_TICKS = 3;
const ABSENT_AFTER = HOUR;

/** How long every tick is sent to an absent subject. Atlas may still have data of it, and it may come back. */
const SEND_EVERY_TICK_FOR = 8 * DAY;

/** What one credential lists. */
export interface CredentialListing {
  credential: CredentialName;
  /** Null if the list cannot be read. Then nothing that the credential listed before is missing. */
  listed: Listing<Project> | null;
  /** Whether the list cannot be read because no request with this credential can succeed. */
  isRefused: boolean;
}

/** A subject, and the credential that reads it. */
export interface AssignedSubject {
  subject: Subject;
  credential: CredentialName;
}

/** A subject that has cursors and that its credential no longer lists. */
export interface UnlistedSubject extends AssignedSubject {
  /** When a tick first missed it, ms. */
  since: number;
  /** Enough ticks have missed it to act on it. */
  isCertain: boolean;
}

/** Which subjects a tick of a dataset is sent to, and what to store about them. */
export interface Plan {
  /**
   * What Atlas lists, or may list: among items that cannot be read, or to a credential whose list cannot be read. Nothing of
   * a refused credential, because no run could succeed.
   */
  subjects: AssignedSubject[];
  /** Configured projects that no tick has ever seen and that no credential can read. */
  unreadable: ProjectId[];
  unlisted: UnlistedSubject[];
  /** The part of `unlisted` to which this tick is sent. */
  due: UnlistedSubject[];
  /**
   * Subjects whose credential is unknown, or no longer there, and that no list that can be read has. Nobody can say that they
   * have gone, so nothing is sent to them.
   */
  orphaned: UnregisteredSubject[];
  added: KnownSubject[];
  changed: KnownSubject[];
}

export interface TickScope {
  kinds: ReadonlyArray<Subject['kind']>;
  /** In the order in which credentials are preferred. */
  listings: readonly CredentialListing[];
  config: Pick<CollectorConfig, 'projects' | 'excludeProjects'>;
  now: number;
}

/** A subject, and the credential that read it last; undefined if nobody knows. */
export interface UnregisteredSubject {
  subject: Subject;
  credential: CredentialName | undefined;
}

export interface KnownSubjects {
  known: readonly KnownSubject[];
  /** Subjects with commit records that neither the registry nor any list has. */
  unregistered: readonly UnregisteredSubject[];
}

/**
 * Compares what Atlas lists with the subjects that earlier ticks have seen. A subject belongs to the first credential that
 * lists it. Only the credential that listed it last can miss it.
 */
export function planTick(scope: TickScope & KnownSubjects): Plan {
  const { kinds, known, unregistered, now } = scope;
  const listed = new ListedSubjects(scope);
  const restored: KnownSubject[] = [];
  const orphaned: UnregisteredSubject[] = [];
  for (const { subject, credential } of unregistered) {
    if (credential !== undefined) restored.push({ subject, credential, absence: null });
    // Nobody knows which one can read it. Each other one is refused even if it exists.
    else if (listed.isOrphan(subject)) orphaned.push({ subject, credential });
  }
  const ours = [...known, ...restored].filter(({ subject }) => kinds.includes(subject.kind));
  const subjects = [...listed.chosen];
  const unlisted: UnlistedSubject[] = [];
  const due: UnlistedSubject[] = [];
  const changed: KnownSubject[] = [];
  for (const { subject, credential: before, absence: absent } of ours) {
    const { presence, credential } = listed.find(subject, before);
    const failure = listed.failureOf(credential);
    // A list that cannot be read at all says nothing new about a subject that was missing.
    const isStillMissing = presence === 'may-be-listed' && failure !== null && absent !== null;
    if (presence === 'absent' || isStillMissing) {
      const { absence, isDue } = missed(absent, now, !isStillMissing);
      const one = { subject, credential, since: absence.since, isCertain: isCertain(absence, now) };
      unlisted.push(one);
      if (failure === 'refused') continue;
      if (isDue) due.push(one);
      if (JSON.stringify(absence) !== JSON.stringify(absent)) changed.push({ subject, credential, absence });
    } else if (presence === 'orphaned') {
      orphaned.push({ subject, credential });
    } else if (presence === 'listed' || presence === 'may-be-listed') {
      if (presence === 'may-be-listed' && failure !== 'refused') subjects.push({ subject, credential });
      if (absent || credential !== before) changed.push({ subject, credential, absence: null });
    }
  }
  const seen = new Set<SubjectId>(ours.map(({ subject }) => subject.id));
  return {
    subjects,
    unreadable: listed.missing.filter((id) => !seen.has(id)),
    unlisted,
    due,
    orphaned,
    added: [
      ...restored,
      ...subjects
        .filter(({ subject }) => !seen.has(subject.id))
        .map((assigned) => ({ ...assigned, absence: null })),
    ],
    changed,
  };
}

function isCertain({ since, ticks }: Absence, now: number): boolean {
  return ticks >= ABSENT_AFTER_TICKS && now - since >= ABSENT_AFTER;
}

/**
 * Returns an absence after one more tick, and whether that tick is sent to the subject. After some days, one tick per day is
 * enough.
 *
 * @param isCounted whether the tick could read the list and missed the subject there
 */
function missed(
  before: Absence | null,
  now: number,
  isCounted: boolean,
): { absence: Absence; isDue: boolean } {
  // A start in the future comes from a fast clock, so the absence begins now.
  const since = Math.min(before?.since ?? now, now);
  // The tick that makes the absence certain has read the list. Otherwise an hour without a list would.
  const most = now - since >= ABSENT_AFTER ? ABSENT_AFTER_TICKS : ABSENT_AFTER_TICKS - 1;
  const counted = isCounted ? Math.min((before?.ticks ?? 0) + 1, most) : 0;
  const ticks = Math.max(before?.ticks ?? 0, counted);
  if (before === null || now - since < SEND_EVERY_TICK_FOR)
    return { absence: { since, ticks, sentAt: since }, isDue: true };
  const isDue = Math.abs(now - before.sentAt) >= DAY;
  return { absence: { since, ticks, sentAt: isDue ? now : before.sentAt }, isDue };
}
