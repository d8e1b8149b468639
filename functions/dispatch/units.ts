import type { Project } from '../../shared/atlas/api.ts';
import { isWhole, type Listing, mayHold } from '../../shared/atlas/listing.ts';
import type { Unit } from '../../shared/collection/dataset.ts';
import { DAY, HOUR } from '../../shared/collection/durations.ts';
import type { CollectorConfig } from '../../shared/config.ts';
import type { Absence, KnownUnit } from '../../shared/cursors/unit-registry.ts';
import { inProjectsPlace, type OrganisationId, organisationOf, type ProjectId } from '../../shared/ids.ts';

/**
 * A list that lacks a unit counts when so many ticks in a row, over so much time, have missed it: a page that is
 * missing once says nothing. Until then its runs go on as if it were listed.
 */
const TICKS = 3;
const TIME = HOUR;

/** How long a unit that is gone is sent every tick: Atlas may still have something, and it may come back. */
const EVERY_TICK = 8 * DAY;

/** A unit that has cursors and that Atlas lists no more. */
export interface UnlistedUnit {
  unit: Unit;
  id: ProjectId;
  /** When a tick first missed it, ms. */
  since: number;
  /** Enough ticks have missed it to act on it. */
  isCertain: boolean;
}

/** What a tick of a dataset is sent to, and what is to be stored of the units. */
export interface Plan {
  projects: ProjectId[];
  organisations: OrganisationId[];
  /** Projects that the configuration names, that no tick has ever seen, and that the credential cannot read. */
  unreadable: ProjectId[];
  unlisted: UnlistedUnit[];
  /** Of `unlisted`, those that this tick is sent to. */
  due: UnlistedUnit[];
  added: KnownUnit[];
  changed: KnownUnit[];
}

/** Compares what Atlas lists with the units that earlier ticks have seen. */
export function planTick(about: {
  units: readonly Unit[];
  listed: Listing<Project>;
  known: readonly KnownUnit[];
  config: Pick<CollectorConfig, 'projects' | 'excludeProjects'>;
  now: number;
}): Plan {
  const { units, listed, known, config, now } = about;
  const readable = new Map(listed.items.map((project) => [project.id, project]));
  const wanted = (config.projects ?? [...readable.keys()]).filter(
    (id) => !config.excludeProjects.includes(id),
  );
  const chosen = wanted.flatMap((id) => readable.get(id) ?? []);
  // What may be among the projects that cannot be read is not missing.
  const missing = wanted.filter((id) => !readable.has(id) && !mayHold(listed, id));
  const ours = known.filter(({ unit }) => units.includes(unit));
  const kept = ours.filter(
    ({ unit, id }) => unit === 'project' && !readable.has(id) && isWanted(id, config) && mayHold(listed, id),
  );
  const projects = units.includes('project')
    ? [...chosen.map(({ id }) => id), ...kept.map(({ id }) => id)]
    : [];
  const seenOrganisations = organisationsOf(chosen);
  // A project that does not say its organisation may be of any that is known.
  const isPartial = !isWhole(listed) || listed.items.some(({ organisation }) => organisation === null);
  const unseen = isPartial ? ours.filter(({ unit }) => unit === 'organisation') : [];
  const organisations = units.includes('organisation')
    ? [...new Set([...seenOrganisations, ...unseen.map(({ id }) => organisationOf(id))])]
    : [];
  const present = new Set([...projects, ...organisations.map(inProjectsPlace)]);
  const seen = new Set(ours.map(({ id }) => id));
  const allOrganisations = organisationsOf(listed.items);
  const isAbsent = ({ unit, id }: KnownUnit): boolean => {
    if (present.has(id)) return false;
    if (unit === 'project') return !readable.has(id) && isWanted(id, config);
    // One whose projects are all left out is still there; of one that is not, some project must have been wanted.
    const isThere = allOrganisations.some((organisation) => inProjectsPlace(organisation) === id);
    return !isThere && (config.projects === undefined || missing.length > 0);
  };
  const unlisted: UnlistedUnit[] = [];
  const due: UnlistedUnit[] = [];
  const changed: KnownUnit[] = [];
  for (const unit of ours) {
    if (!isAbsent(unit)) {
      if (unit.absence && present.has(unit.id)) changed.push({ ...unit, absence: null });
      continue;
    }
    const { absence, isDue } = missed(unit.absence, now);
    const one = { unit: unit.unit, id: unit.id, since: absence.since, isCertain: isCertain(absence, now) };
    unlisted.push(one);
    if (isDue) due.push(one);
    if (JSON.stringify(absence) !== JSON.stringify(unit.absence)) changed.push({ ...unit, absence });
  }
  const isNew = (id: ProjectId) => !seen.has(id);
  const asUnit = (unit: Unit) => (id: ProjectId) => ({ unit, id, absence: null });
  return {
    projects,
    organisations,
    unreadable: missing.filter((id) => !ours.some((one) => one.unit === 'project' && one.id === id)),
    unlisted,
    due,
    added: [
      ...projects.filter(isNew).map(asUnit('project')),
      ...organisations.map(inProjectsPlace).filter(isNew).map(asUnit('organisation')),
    ],
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
  return ticks >= TICKS && now - since >= TIME;
}

/** An absence once one more tick has missed the unit, and whether that tick is sent to it: later, once a day will do. */
function missed(before: Absence | null, now: number): { absence: Absence; isDue: boolean } {
  // What was noted by a clock that was ahead begins now.
  const since = Math.min(before?.since ?? now, now);
  const ticks = Math.min((before?.ticks ?? 0) + 1, TICKS);
  if (before === null || now - since < EVERY_TICK)
    return { absence: { since, ticks, sentAt: since }, isDue: true };
  const isDue = Math.abs(now - before.sentAt) >= DAY;
  return { absence: { since, ticks, sentAt: isDue ? now : before.sentAt }, isDue };
}

function organisationsOf(projects: readonly Project[]): OrganisationId[] {
  const ids = projects.map(({ organisation }) => organisation);
  return [...new Set(ids)].filter((id) => id !== null);
}
