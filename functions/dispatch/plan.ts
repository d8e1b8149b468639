import type { Project } from '../../shared/atlas/api.ts';
import { isWhole, type Listing, mayHold } from '../../shared/atlas/listing.ts';
import type { CollectorConfig } from '../../shared/config.ts';
import type { Absence, KnownSubject } from '../../shared/cursors/subject-registry.ts';
import { DAY, HOUR } from '../../shared/durations.ts';
import type { OrganisationId, ProjectId, Subject, SubjectId, SubjectKind } from '../../shared/ids.ts';

/**
 * A missing subject counts as absent after this many ticks in a row, over this much time: one missing page proves
 * nothing. Until then its runs continue as if it were listed.
 */
const ABSENT_AFTER_TICKS = 3;
const ABSENT_AFTER = HOUR;

/** How long every tick is sent to an absent subject. Atlas may still have data of it, and it may come back. */
const SEND_EVERY_TICK_FOR = 8 * DAY;

/** A subject that has cursors and that Atlas no longer lists. */
export interface UnlistedSubject {
  subject: Subject;
  /** When a tick first missed it, ms. */
  since: number;
  /** Enough ticks have missed it to act on it. */
  isCertain: boolean;
}

/** Which subjects a tick of a dataset is sent to, and what to store about them. */
export interface Plan {
  /** What Atlas lists, or may list among items that cannot be read. */
  subjects: Subject[];
  /** Configured projects that no tick has ever seen and that the credential cannot read. */
  unreadable: ProjectId[];
  unlisted: UnlistedSubject[];
  /** The part of `unlisted` to which this tick is sent. */
  due: UnlistedSubject[];
  added: KnownSubject[];
  changed: KnownSubject[];
}

/** Compares what Atlas lists with the subjects that earlier ticks have seen. */
export function planTick(about: {
  kinds: readonly SubjectKind[];
  listed: Listing<Project>;
  known: readonly KnownSubject[];
  config: Pick<CollectorConfig, 'projects' | 'excludeProjects'>;
  now: number;
}): Plan {
  const { kinds, listed, known, config, now } = about;
  const readable = new Map(listed.items.map((project) => [project.id, project]));
  const wanted = (config.projects ?? [...readable.keys()]).filter(
    (id) => !config.excludeProjects.includes(id),
  );
  const chosen = wanted.flatMap((id) => readable.get(id) ?? []);
  // A project that may be among the unreadable items is not missing.
  const missing = wanted.filter((id) => !readable.has(id) && !mayHold(listed, id));
  const ours = known.filter(({ subject }) => kinds.includes(subject.kind));
  const ourProjects = ours.flatMap(({ subject }) => (subject.kind === 'project' ? [subject.id] : []));
  const ourOrganisations = ours.flatMap(({ subject }) =>
    subject.kind === 'organisation' ? [subject.id] : [],
  );
  const kept = ourProjects.filter((id) => !readable.has(id) && isWanted(id, config) && mayHold(listed, id));
  const projects = kinds.includes('project') ? [...chosen.map(({ id }) => id), ...kept] : [];
  const seenOrganisations = organisationsOf(chosen);
  // A project without an organisation may belong to any known one.
  const isPartial = !isWhole(listed) || listed.items.some(({ organisation }) => organisation === null);
  const unseen = isPartial ? ourOrganisations : [];
  const organisations = kinds.includes('organisation') ? [...new Set([...seenOrganisations, ...unseen])] : [];
  const present = new Set<SubjectId>([...projects, ...organisations]);
  const seen = new Set<SubjectId>([...ourProjects, ...ourOrganisations]);
  const allOrganisations = organisationsOf(listed.items);
  const isAbsent = ({ kind, id }: Subject): boolean => {
    if (present.has(id)) return false;
    if (kind === 'project') return !readable.has(id) && isWanted(id, config);
    // An organisation whose projects are all excluded still exists. One that has gone must have had a wanted project.
    return !allOrganisations.includes(id) && (config.projects === undefined || missing.length > 0);
  };
  const unlisted: UnlistedSubject[] = [];
  const due: UnlistedSubject[] = [];
  const changed: KnownSubject[] = [];
  for (const { subject, absence: before } of ours) {
    if (!isAbsent(subject)) {
      if (before && present.has(subject.id)) changed.push({ subject, absence: null });
      continue;
    }
    const { absence, isDue } = missed(before, now);
    const one = { subject, since: absence.since, isCertain: isCertain(absence, now) };
    unlisted.push(one);
    if (isDue) due.push(one);
    if (JSON.stringify(absence) !== JSON.stringify(before)) changed.push({ subject, absence });
  }
  const subjects: Subject[] = [
    ...projects.map((id) => ({ kind: 'project' as const, id })),
    ...organisations.map((id) => ({ kind: 'organisation' as const, id })),
  ];
  return {
    subjects,
    unreadable: missing.filter((id) => !ourProjects.includes(id)),
    unlisted,
    due,
    added: subjects.filter(({ id }) => !seen.has(id)).map((subject) => ({ subject, absence: null })),
    changed,
  };
}

function isWanted(
  id: ProjectId,
  { projects, excludeProjects }: Pick<CollectorConfig, 'projects' | 'excludeProjects'>,
) {
  return !excludeProjects.includes(id) && (projects?.includes(id) ?? true);
}

function isCertain({ since, ticks }: Absence, now: number): boolean {
  return ticks >= ABSENT_AFTER_TICKS && now - since >= ABSENT_AFTER;
}

/**
 * Returns an absence after one more tick has missed the subject, and whether that tick is sent to it. After some days,
 * one tick per day is enough.
 */
function missed(before: Absence | null, now: number): { absence: Absence; isDue: boolean } {
  // A start in the future comes from a fast clock, so the absence begins now.
  const since = Math.min(before?.since ?? now, now);
  const ticks = Math.min((before?.ticks ?? 0) + 1, ABSENT_AFTER_TICKS);
  if (before === null || now - since < SEND_EVERY_TICK_FOR)
    return { absence: { since, ticks, sentAt: since }, isDue: true };
  const isDue = Math.abs(now - before.sentAt) >= DAY;
  return { absence: { since, ticks, sentAt: isDue ? now : before.sentAt }, isDue };
}

function organisationsOf(projects: readonly Project[]): OrganisationId[] {
  const ids = projects.map(({ organisation }) => organisation);
  return [...new Set(ids)].filter((id) => id !== null);
}
