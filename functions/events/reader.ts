import type { AtlasEvent, AtlasSession } from '../../shared/atlas/api.ts';
import { ITEMS_PER_PAGE } from '../../shared/atlas/pages.ts';
import { isRoleRefusal, refusalCode } from '../../shared/atlas/refusal.ts';
import { DAY, SECOND } from '../../shared/durations.ts';
import type { Gap, StepResult } from '../../shared/engine/dataset.ts';
import { measuresOf } from '../../shared/histories/measures.ts';
import { mergeEntries } from '../../shared/histories/merge.ts';
import {
  droppedOf,
  isKept,
  KEPT,
  newestOf,
  provenAge,
  type Shown,
} from '../../shared/histories/shown-retention.ts';
import { skippedWithoutRole } from '../../shared/histories/skipping.ts';
import {
  continued,
  grownSpan,
  halved,
  type InPass,
  inPass,
  type Window,
  windowEnd,
} from '../../shared/histories/windows.ts';
import type { Subject } from '../../shared/ids.ts';
import type { EventsSettings } from './declaration.ts';
import { EVENT_IDENTITY } from './identity.ts';
import { MAX_PAGES, type Reading, readAllPages, readAtOnce } from './pages.ts';
import { eventRow } from './rows.ts';
import type { EventsState } from './state.ts';
import { events } from './tables.ts';

/** What one request can return. The span is a month of a quiet project. */
const LIMITS = { maxEntries: ITEMS_PER_PAGE, maxSpan: 32 * DAY };

/** The least roles (the reference of the endpoints). */
const ROLES = { project: 'Project Read Only', organisation: 'Organization Member' } as const;

/** What one step works with. */
interface Step {
  state: EventsState;
  /** The start of the run, ms. */
  startedAt: number;
  settled: number;
  atlas: AtlasSession;
  clock: () => number;
}

type StepInPass = Step & { state: InPass<EventsState> };

/** Reads the events of projects and organisations, one window per step. */
export class EventReader {
  readonly #settle: number;
  readonly #lookbackMs: number;
  readonly #subject: Subject;

  constructor({ settle, overlap }: EventsSettings, subject: Subject) {
    this.#subject = subject;
    this.#settle = settle;
    this.#lookbackMs = overlap;
  }

  async step(step: Step): Promise<StepResult<EventsState>> {
    const state = inPass(step.state, step.settled, this.#lookbackMs);
    const window = { from: state.pass.from, to: windowEnd(state, LIMITS.maxEntries) };
    try {
      return await this.#read({ ...step, state }, window);
    } catch (error) {
      if (isRoleRefusal(error))
        return skippedWithoutRole(step, notPermitted(this.#subject, refusalCode(error)));
      throw error;
    }
  }

  /**
   * Reads a window. A request covers one more second on both sides, because Atlas does not document whether its ends
   * are included.
   */
  async #read(step: StepInPass, window: Window): Promise<StepResult<EventsState>> {
    const { state, atlas } = step;
    const span = { start: window.from - SECOND, end: window.to + SECOND };
    const reading = await readAtOnce(atlas, this.#subject, span);
    if (!reading.isCut) {
      // The number of events read again does not predict how many follow.
      const isNew = window.to > state.watermark;
      const next = isNew ? grownSpan(state.span, window, reading.given, LIMITS) : state.span;
      return this.#written(step, window, reading, next);
    }
    if (window.to - window.from > SECOND) {
      return { state: halved(state, window), tables: [], gaps: [] };
    }
    // The end of a single second is included either way: its events are older than the next second.
    const all = await readAllPages(atlas, this.#subject, { start: span.start, end: window.to });
    const isReached = all.entries.some(({ created }) => created < window.from);
    return this.#written(step, window, { ...all, isCut: all.isCut && !isReached }, SECOND);
  }

  async #written(
    step: StepInPass,
    window: Window,
    reading: Reading,
    span: number,
  ): Promise<StepResult<EventsState>> {
    const { state, clock } = step;
    const merged = mergeEntries(state, reading, window, EVENT_IDENTITY, {
      whole: !reading.isCut,
      lookbackMs: this.#lookbackMs,
    });
    const { shown, gap } = await this.#proof(step, window, reading, merged.oldest);
    const now = clock();
    const reason = `more than the ${MAX_PAGES * ITEMS_PER_PAGE} events of one second that are read`;
    const cut: Gap[] = reading.isCut ? [{ ...window, reason }] : [];
    return {
      state: {
        ...merged.state,
        ...shown,
        // What Atlas dropped before it first showed an event is not a gap.
        begun: state.begun || shown.lastEvent !== null || now - window.to <= KEPT,
        unavailableOn: null,
        idle: false,
        span,
        pass: continued(state, window),
      },
      tables: [
        { table: events, rows: merged.entries.map(({ entry }) => eventRow(this.#subject, entry, now)) },
      ],
      gaps: [...(gap ? [gap] : []), ...cut, ...merged.gaps],
      measures: measuresOf(this.#settle, merged),
    };
  }

  /**
   * Finds out whether Atlas may have dropped a part of the window before it answered. If neither the response nor an
   * earlier one shows an event that is old enough, it asks for the last known one. That event is older than everything
   * unread, so if Atlas still shows it, the window is complete.
   */
  async #proof(
    { state, atlas, clock }: Step,
    window: Window,
    { entries }: Reading,
    oldest: number | null,
  ): Promise<{ shown: Shown; gap: Gap | null }> {
    const times = entries.map(({ created }) => created);
    const unread = Math.max(window.from, state.watermark);
    let shownAge = provenAge(state.shownAge, times, { start: window.from - SECOND, now: clock() });
    let { lastEvent } = state;
    let gap: Gap | null = null;
    if (state.begun && !isKept(unread, shownAge, clock())) {
      const shown = lastEvent === null ? [] : await this.#around(atlas, lastEvent);
      const around = shown.map(({ created }) => created);
      shownAge = provenAge(shownAge, around, { start: (lastEvent ?? unread) - SECOND, now: clock() });
      if (!isKept(unread, shownAge, clock())) {
        gap = droppedOf(window, unread, oldest);
        lastEvent = null;
      }
    }
    const inWindow = times.filter((time) => time >= window.from && time < window.to);
    return { shown: { lastEvent: newestOf(lastEvent, inWindow), shownAge }, gap };
  }

  async #around(atlas: AtlasSession, instant: number): Promise<readonly AtlasEvent[]> {
    const span = { start: instant - SECOND, end: instant + SECOND };
    const { entries } = await atlas.listEvents(this.#subject, span, 1);
    return entries;
  }
}

function notPermitted({ kind }: Subject, code: string): string {
  return `events cannot be read: Atlas answered ${code}; the least role for them is ${ROLES[kind]}`;
}
