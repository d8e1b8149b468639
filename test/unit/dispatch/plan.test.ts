import { describe, expect, test } from 'vitest';
import {
  type CredentialListing,
  type Plan,
  planTick,
  type UnregisteredSubject,
} from '../../../functions/dispatch/plan.ts';
import type { Project } from '../../../shared/atlas/api.ts';
import { type Listing, wholeListing } from '../../../shared/atlas/listing.ts';
import type { KnownSubject } from '../../../shared/cursors/subject-registry.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { isOrganisationId, isProjectId, type SubjectKind } from '../../../shared/ids.ts';
import { T } from '../../support/times.ts';

const id = (digit: string) => {
  const text = digit.repeat(24);
  if (!isProjectId(text)) throw new Error('not an id');
  return text;
};
const organisation = (digit: string) => {
  const text = digit.repeat(24);
  if (!isOrganisationId(text)) throw new Error('not an id');
  return text;
};
const project = (digit: string, its = 'f'): Project => ({
  id: id(digit),
  name: digit,
  organisation: organisation(its),
});

type Config = Parameters<typeof planTick>[0]['config'];

/** Plans several ticks in a row and keeps what they store about subjects. */
class Ticks {
  known: KnownSubject[] = [];
  kinds: Parameters<typeof planTick>[0]['kinds'] = ['project'];
  config: Config = { excludeProjects: [] };
  unregistered: UnregisteredSubject[] = [];

  at(now: number, projects: readonly Project[], partial: Partial<Listing<Project>> = {}) {
    const listed = { ...wholeListing([...projects]), ...partial };
    return this.of(now, [{ credential: null, listed, isRefused: false }]);
  }

  /** Plans a tick of several credentials. */
  of(now: number, listings: readonly CredentialListing[]) {
    const { kinds, known, unregistered, config } = this;
    const plan = planTick({ kinds, listings, known, unregistered, config, now });
    const changed = new Map(plan.changed.map((one) => [one.subject.id, one]));
    this.known = [...this.known, ...plan.added].map((one) => changed.get(one.subject.id) ?? one);
    this.unregistered = [];
    return plan;
  }
}

function idsOf({ subjects }: Plan, wanted: SubjectKind): string[] {
  return subjects.flatMap(({ subject: { kind, id } }) => (kind === wanted ? [id] : []));
}

describe('a tick', () => {
  test('adds listed subjects once', () => {
    const ticks = new Ticks();
    expect(ticks.at(T, [project('a'), project('b')]).added).toHaveLength(2);
    const second = ticks.at(T + HOUR, [project('a'), project('b')]);
    expect([second.added, second.changed, second.unlisted]).toEqual([[], [], []]);
  });

  test('reports a missing project at once, and is certain after three ticks and an hour', () => {
    const ticks = new Ticks();
    ticks.at(T, [project('a'), project('b')]);
    const missing = [20, 40, 60, 80].map((minutes) => ticks.at(T + minutes * MINUTE, [project('a')]));
    expect(missing.map(({ unlisted }) => unlisted.map(({ isCertain }) => isCertain))).toEqual([
      [false],
      [false],
      [false],
      [true],
    ]);
    expect(missing.at(-1)?.due).toEqual([
      {
        subject: { kind: 'project', id: id('b') },
        credential: null,
        since: T + 20 * MINUTE,
        isCertain: true,
      },
    ]);
  });

  test('is not certain after two incomplete lists, however far apart', () => {
    const ticks = new Ticks();
    ticks.at(T, [project('a')]);
    ticks.at(T + HOUR, []);
    expect(ticks.at(T + 9 * DAY, []).unlisted[0]?.isCertain).toBe(false);
    expect(ticks.at(T + 9 * DAY + HOUR, [project('a')]).changed).toMatchObject([{ absence: null }]);
    expect(ticks.at(T + 10 * DAY, []).unlisted[0]?.since).toBe(T + 10 * DAY);
  });

  test('is sent to a missing project each time for eight days, then once a day', () => {
    const ticks = new Ticks();
    ticks.at(T, [project('a')]);
    let sent = 0;
    for (let at = T + HOUR; at < T + HOUR + 8 * DAY; at += HOUR) sent += ticks.at(at, []).due.length;
    expect(sent).toBe(8 * 24);
    let later = 0;
    for (let at = T + HOUR + 8 * DAY; at < T + HOUR + 18 * DAY; at += HOUR)
      later += ticks.at(at, []).due.length;
    expect(later).toBe(10);
  });

  test('continues with a project that may be among the unreadable items, without missing it', () => {
    const ticks = new Ticks();
    ticks.kinds = ['project', 'organisation'];
    ticks.at(T, [project('a'), project('b', 'e')]);
    for (const partial of [{ unreadable: new Set<string>([id('b')]) }, { hasUnknown: true }]) {
      const plan = ticks.at(T + HOUR, [project('a')], partial);
      expect([idsOf(plan, 'project'), plan.unlisted]).toEqual([[id('a'), id('b')], []]);
      expect(idsOf(plan, 'organisation')).toContain(organisation('e'));
    }
  });

  test('continues with a known organisation while a project does not name its own', () => {
    const ticks = new Ticks();
    ticks.kinds = ['organisation'];
    ticks.at(T, [project('a'), project('b', 'e')]);
    const plan = ticks.at(T + HOUR, [project('a'), { ...project('b'), organisation: null }]);
    expect(idsOf(plan, 'organisation')).toContain(organisation('e'));
    expect(plan.unlisted).toEqual([]);
  });

  test('does not miss projects that the configuration excludes', () => {
    const ticks = new Ticks();
    ticks.kinds = ['project', 'organisation'];
    ticks.at(T, [project('a'), project('b', 'e')]);
    ticks.config = { excludeProjects: [id('b')] };
    expect(ticks.at(T + HOUR, [project('a')]).unlisted.map(({ subject }) => subject.id)).toEqual([
      organisation('e'),
    ]);
    expect(ticks.at(T + HOUR, [project('a'), project('b', 'e')]).unlisted).toEqual([]);
    ticks.config = { projects: [id('a')], excludeProjects: [] };
    expect(ticks.at(T + 2 * HOUR, [project('a')]).unlisted).toEqual([]);
  });

  test('distinguishes a project never seen from one that is missing, and continues with the others', () => {
    const ticks = new Ticks();
    ticks.config = { projects: [id('a'), id('b'), id('c')], excludeProjects: [] };
    ticks.at(T, [project('a'), project('b')]);
    const plan = ticks.at(T + HOUR, [project('a')]);
    expect([idsOf(plan, 'project'), plan.unreadable]).toEqual([[id('a')], [id('c')]]);
    expect(plan.unlisted.map(({ subject }) => subject.id)).toEqual([id('b')]);
  });

  test('treats an absence that begins in the future as one that begins now', () => {
    const ticks = new Ticks();
    ticks.at(T, [project('a')]);
    ticks.at(T + 9 * DAY, []);
    expect(ticks.at(T + HOUR, []).unlisted[0]?.since).toBe(T + HOUR);
  });
});

describe('a tick of several credentials', () => {
  const lists = (all: Record<string, readonly Project[] | null | 'refused'>) =>
    Object.entries(all).map(([credential, projects]) => ({
      credential,
      listed: projects === null || projects === 'refused' ? null : wholeListing([...projects]),
      isRefused: projects === 'refused',
    }));
  const assigned = ({ subjects }: Plan) =>
    subjects.map(({ subject, credential }) => [subject.id, credential]);

  test('sends a project that several list once, with the first of them', () => {
    const ticks = new Ticks();
    ticks.kinds = ['project', 'organisation'];
    const plan = ticks.of(T, lists({ acme: [project('a')], globex: [project('a'), project('b')] }));
    expect(assigned(plan)).toEqual([
      [id('a'), 'acme'],
      [id('b'), 'globex'],
      [organisation('f'), 'acme'],
    ]);
    expect(plan.added.map(({ credential }) => credential)).toEqual(['acme', 'globex', 'acme']);
  });

  test('assigns a project to another credential while the first does not list it', () => {
    const ticks = new Ticks();
    ticks.of(T, lists({ acme: [project('a')], globex: [project('a')] }));
    for (const projects of [null, []]) {
      const plan = ticks.of(T + HOUR, lists({ acme: projects, globex: [project('a')] }));
      expect([assigned(plan), plan.unlisted]).toEqual([[[id('a'), 'globex']], []]);
    }
    const back = ticks.of(T + 2 * HOUR, lists({ acme: [project('a')], globex: [project('a')] }));
    expect(back.changed).toMatchObject([{ credential: 'acme', absence: null }]);
  });

  test('misses no project of a credential whose list cannot be read, however often', () => {
    const ticks = new Ticks();
    ticks.kinds = ['project', 'organisation'];
    ticks.of(T, lists({ acme: [project('a')], globex: [project('b', 'e')] }));
    for (let hour = 1; hour <= 240; hour += 1) {
      const plan = ticks.of(T + hour * HOUR, lists({ acme: [project('a')], globex: null }));
      expect(assigned(plan)).toEqual([
        [id('a'), 'acme'],
        [organisation('f'), 'acme'],
        [id('b'), 'globex'],
        [organisation('e'), 'globex'],
      ]);
      expect([plan.unlisted, plan.orphaned, plan.changed, plan.unreadable]).toEqual([[], [], [], []]);
    }
  });

  test('sends nothing to an organisation that may have no wanted project, while its list cannot be read', () => {
    for (const config of [{ projects: [id('b')], excludeProjects: [] }, { excludeProjects: [id('e')] }]) {
      const ticks = new Ticks();
      ticks.kinds = ['organisation'];
      ticks.of(T, lists({ acme: [project('a')], globex: [project('b', 'e')] }));
      ticks.config = config;
      const plan = ticks.of(T + HOUR, lists({ acme: [project('a')], globex: null }));
      expect(idsOf(plan, 'organisation')).not.toContain(organisation('e'));
      expect([plan.unlisted, plan.orphaned]).toEqual([[], []]);
    }
  });

  test('misses a project that its own credential does not list, while another fails', () => {
    const ticks = new Ticks();
    ticks.of(T, lists({ acme: [project('a')], globex: [project('b')] }));
    for (const minutes of [20, 40, 60]) ticks.of(T + minutes * MINUTE, lists({ acme: [], globex: null }));
    expect(ticks.of(T + 80 * MINUTE, lists({ acme: [], globex: null })).due).toMatchObject([
      { subject: { id: id('a') }, credential: 'acme', since: T + 20 * MINUTE, isCertain: true },
    ]);
  });

  test('waits for a subject that only commit records show', () => {
    const ticks = new Ticks();
    ticks.unregistered = [{ subject: { kind: 'project', id: id('b') }, credential: 'acme' }];
    const first = ticks.of(T, lists({ acme: [project('a')] }));
    expect(first.added.map(({ subject }) => subject.id)).toEqual([id('b'), id('a')]);
    expect(first.due).toMatchObject([{ subject: { id: id('b') }, credential: 'acme', isCertain: false }]);
    for (const minutes of [20, 40]) ticks.of(T + minutes * MINUTE, lists({ acme: [project('a')] }));
    expect(ticks.of(T + 60 * MINUTE, lists({ acme: [project('a')] })).due).toMatchObject([
      { subject: { id: id('b') }, credential: 'acme', since: T, isCertain: true },
    ]);
  });

  test('sends what was missing before a list cannot be read, and reports it, but does not count', () => {
    const ticks = new Ticks();
    ticks.of(T, lists({ acme: [project('a')], globex: [] }));
    ticks.of(T + HOUR, lists({ acme: [], globex: [] }));
    const known = ticks.known;
    for (let hour = 2; hour <= 100; hour += 1) {
      const plan = ticks.of(T + hour * HOUR, lists({ acme: null, globex: [] }));
      const missing = { subject: { kind: 'project', id: id('a') }, credential: 'acme', since: T + HOUR };
      expect(plan.due).toEqual([{ ...missing, isCertain: false }]);
      expect([assigned(plan), plan.unlisted, plan.changed]).toEqual([[], plan.due, []]);
    }
    expect(ticks.known).toEqual(known);
    expect(ticks.of(T + 101 * HOUR, lists({ acme: [], globex: [] })).unlisted[0]?.isCertain).toBe(false);
    expect(ticks.of(T + 102 * HOUR, lists({ acme: [], globex: [] })).unlisted[0]?.isCertain).toBe(true);
  });

  test('is not certain because an hour passed in which no list could be read', () => {
    const ticks = new Ticks();
    ticks.of(T, lists({ acme: [project('a')], globex: [] }));
    for (const minutes of [5, 10, 15]) ticks.of(T + minutes * MINUTE, lists({ acme: [], globex: [] }));
    const plan = ticks.of(T + 2 * HOUR, lists({ acme: null, globex: [] }));
    expect(plan.due).toMatchObject([{ isCertain: false }]);
    expect(ticks.of(T + 2 * HOUR + 1, lists({ acme: [], globex: [] })).due).toMatchObject([
      { isCertain: true },
    ]);
  });

  test('is sent once a day to what is missing for long, also while the list cannot be read', () => {
    const ticks = new Ticks();
    ticks.of(T, lists({ acme: [project('a')], globex: [] }));
    for (const hour of [1, 2, 3]) ticks.of(T + hour * HOUR, lists({ acme: [], globex: [] }));
    let sent = 0;
    for (let at = T + HOUR + 8 * DAY; at < T + HOUR + 18 * DAY; at += HOUR) {
      const { due, unlisted } = ticks.of(at, lists({ acme: null, globex: [] }));
      sent += due.length;
      expect(unlisted).toMatchObject([{ since: T + HOUR, isCertain: true }]);
    }
    expect(sent).toBe(10);
  });

  test('sends nothing with a refused credential, but still reports what it missed before', () => {
    const ticks = new Ticks();
    ticks.of(T, lists({ acme: [project('a'), project('b')], globex: [] }));
    ticks.of(T + HOUR, lists({ acme: [project('b')], globex: [] }));
    const plan = ticks.of(T + 2 * HOUR, lists({ acme: 'refused', globex: [] }));
    expect([assigned(plan), plan.due, plan.changed]).toEqual([[], [], []]);
    expect(plan.unlisted).toMatchObject([{ subject: { id: id('a') }, since: T + HOUR }]);
  });

  test('reports what no credential lists after its own was removed, and sends nothing to it', () => {
    const ticks = new Ticks();
    ticks.kinds = ['project', 'organisation'];
    ticks.of(T, lists({ acme: [project('a')], globex: [project('b', 'e')] }));
    for (let hour = 1; hour <= 5; hour += 1) {
      const plan = ticks.of(T + hour * HOUR, lists({ acme: [project('a')] }));
      expect(plan.orphaned).toEqual([
        { subject: { kind: 'project', id: id('b') }, credential: 'globex' },
        { subject: { kind: 'organisation', id: organisation('e') }, credential: 'globex' },
      ]);
      expect([plan.unlisted, plan.due, plan.changed]).toEqual([[], [], []]);
    }
    ticks.config = { excludeProjects: [id('b'), id('e')] };
    expect(ticks.of(T + 6 * HOUR, lists({ acme: [project('a')] })).orphaned).toEqual([]);
  });

  test('reports a subject that only commit records show, if nobody knows its credential', () => {
    const ticks = new Ticks();
    const unregistered = [
      { subject: { kind: 'project' as const, id: id('b') }, credential: undefined },
      { subject: { kind: 'project' as const, id: id('c') }, credential: undefined },
    ];
    ticks.config = { excludeProjects: [id('c')] };
    for (let hour = 1; hour <= 5; hour += 1) {
      ticks.unregistered = unregistered;
      const plan = ticks.of(T + hour * HOUR, lists({ acme: [project('a')] }));
      expect(plan.orphaned).toEqual([{ subject: { kind: 'project', id: id('b') }, credential: undefined }]);
      expect([plan.unlisted, plan.due, plan.changed]).toEqual([[], [], []]);
    }
  });

  test('reports it also while another credential fails, which may be the same under a new name', () => {
    const ticks = new Ticks();
    ticks.kinds = ['project', 'organisation'];
    ticks.at(T, [project('a'), project('b', 'e')]);
    for (const globex of [null, 'refused'] as const) {
      const plan = ticks.of(T + HOUR, lists({ acme: [project('a')], globex }));
      expect([assigned(plan).length, plan.unlisted]).toEqual([2, []]);
      expect(plan.orphaned.map(({ subject }) => subject.id)).toEqual([id('b'), organisation('e')]);
    }
    const later = ticks.of(T + 2 * HOUR, lists({ acme: [project('a')], globex: [project('b', 'e')] }));
    expect([later.added, later.orphaned]).toEqual([[], []]);
    expect(later.changed).toMatchObject([{ credential: 'globex' }, { credential: 'globex' }]);
  });

  test('reports it with a selection of projects, while another credential fails', () => {
    const ticks = new Ticks();
    ticks.kinds = ['project', 'organisation'];
    ticks.config = { projects: [id('a'), id('b')], excludeProjects: [] };
    ticks.at(T, [project('a'), project('b', 'e')]);
    const { orphaned } = ticks.of(T + HOUR, lists({ acme: [project('a')], globex: null }));
    expect(orphaned.map(({ subject }) => subject.id)).toEqual([id('b'), organisation('e')]);
  });

  test('names a configured project unreadable only if every list could be read', () => {
    const ticks = new Ticks();
    ticks.config = { projects: [id('a'), id('c')], excludeProjects: [] };
    expect(ticks.of(T, lists({ acme: [project('a')], globex: null })).unreadable).toEqual([]);
    expect(ticks.of(T, lists({ acme: [project('a')], globex: [] })).unreadable).toEqual([id('c')]);
  });
});
