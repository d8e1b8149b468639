import type { AtlasSession, SlowQuery, SlowQueryHistory, UnreadableEntry } from '../../shared/atlas/api.ts';
import { AtlasResponseError } from '../../shared/atlas/errors.ts';
import { MAX_LINES } from '../../shared/atlas/operations/slow-queries.ts';
import { isRejected, isRoleRefusal, isUnavailable, refusalCode } from '../../shared/atlas/refusal.ts';
import { DAY, SECOND } from '../../shared/durations.ts';
import type { Target } from '../../shared/engine/cursor.ts';
import type { StepResult } from '../../shared/engine/dataset.ts';
import { measuresOf } from '../../shared/histories/measures.ts';
import { mergeEntries } from '../../shared/histories/merge.ts';
import { droppedOf, isKept, KEPT, provenAge } from '../../shared/histories/shown-retention.ts';
import { skippedWithoutHistory, skippedWithoutRole } from '../../shared/histories/skipping.ts';
import {
  continued,
  grownSpan,
  halved,
  type InPass,
  inPass,
  requestStart,
  type Window,
  windowEnd,
} from '../../shared/histories/windows.ts';
import { type ProjectId, processId } from '../../shared/ids.ts';
import type { SlowQueriesSettings } from './declaration.ts';
import { identified, identityOf } from './identity.ts';
import { rowOf } from './rows.ts';
import { type SlowQueriesState, withRedaction } from './state.ts';
import { slowQueries } from './tables.ts';

/** The least role (the reference of the endpoint). */
const ROLE = 'Project Data Access Read Write';

/** What one request can return. */
const LIMITS = { maxEntries: MAX_LINES, maxSpan: DAY };

const NO_PROFILER =
  'a process has no slow queries, by its type or the tier of its cluster; it is asked again tomorrow';

const OTHER_REDACTION =
  'the setting redact of slow_queries has changed: lines from before this run that appear late are not read';

/** What one step works with. */
interface Step {
  target: Target<SlowQueriesState>;
  state: SlowQueriesState;
  /** The start of the run, ms. */
  startedAt: number;
  settled: number;
  atlas: AtlasSession;
  clock: () => number;
}

type StepInPass = Step & { state: InPass<SlowQueriesState> };

/** What responses show of a window. */
interface Reading {
  entries: readonly SlowQuery[];
  unreadable: readonly UnreadableEntry[];
  /** Whether they show all of it. */
  whole: boolean;
}

/** Reads the slow queries of processes, one window per step. */
export class SlowQueryReader {
  readonly #settings: SlowQueriesSettings;
  readonly #project: ProjectId;

  constructor(settings: SlowQueriesSettings, project: ProjectId) {
    this.#settings = settings;
    this.#project = project;
  }

  async step(step: Step): Promise<StepResult<SlowQueriesState>> {
    const { overlap, redact } = this.#settings;
    const known = withRedaction(step.state, redact);
    const warnings = known === step.state || !known.begun ? [] : [OTHER_REDACTION];
    const state = inPass(known, step.settled, overlap);
    const window = { from: state.pass.from, to: windowEnd(state, MAX_LINES) };
    try {
      const outcome = await this.#read({ ...step, state }, window);
      return { ...outcome, warnings };
    } catch (error) {
      if (isUnavailable(error) || isRejected(error)) return skippedWithoutHistory(step, NO_PROFILER);
      if (isRoleRefusal(error)) return skippedWithoutRole(step, notPermitted(refusalCode(error)));
      throw error;
    }
  }

  /**
   * Reads a window. A request usually covers one more second on both sides, because Atlas does not document whether the
   * ends of a request are included.
   */
  async #read(step: StepInPass, window: Window): Promise<StepResult<SlowQueriesState>> {
    const { state } = step;
    const { isFull, ...history } = await this.#request(step, {
      start: requestStart(state, window.from, this.#settings.overlap),
      end: window.to + SECOND,
    });
    if (!isFull) {
      // The number of lines read again does not predict how many follow.
      const isNew = window.to > state.watermark;
      const span = isNew ? grownSpan(state.span, window, history.given, LIMITS) : state.span;
      return this.#written(step, window, { ...history, whole: true }, span);
    }
    if (window.to - window.from > SECOND) {
      return { state: halved(state, window), tables: [], gaps: [] };
    }
    return this.#readSecond(step, window);
  }

  /**
   * Reads a second that overflows together with its neighbours. The first request covers the whole second, and perhaps
   * the start of the next one. The second request excludes that, and perhaps the last millisecond of this one.
   */
  async #readSecond(step: StepInPass, window: Window): Promise<StepResult<SlowQueriesState>> {
    const wide = await this.#request(step, { start: window.from - 1, end: window.to });
    const narrow = wide.isFull
      ? await this.#request(step, { start: window.from - 1, end: window.to - 1 })
      : null;
    const reading = {
      entries: [...wide.entries, ...(narrow?.entries ?? [])],
      unreadable: [...wide.unreadable, ...(narrow?.unreadable ?? [])],
      whole: narrow === null || !narrow.isFull,
    };
    const outcome = this.#written(step, window, reading, SECOND);
    if (reading.whole) return outcome;
    const reason = `more than the ${MAX_LINES} lines of one second that Atlas gives`;
    return { ...outcome, gaps: [...outcome.gaps, { ...window, reason }] };
  }

  /**
   * Requests a span. The response is full when it has the maximum number of lines, or is larger than the client
   * accepts.
   */
  async #request(
    { target, atlas }: Step,
    span: { start: number; end: number },
  ): Promise<SlowQueryHistory & { isFull: boolean }> {
    try {
      const history = await atlas.slowQueries(this.#project, processId(target.source), span);
      return { ...history, isFull: history.given >= MAX_LINES };
    } catch (error) {
      if (!(error instanceof AtlasResponseError) || error.problem !== 'too-large') throw error;
      return { entries: [], given: MAX_LINES, unreadable: [], isFull: true };
    }
  }

  #written(
    { target, state, clock }: StepInPass,
    window: Window,
    { entries, unreadable, whole }: Reading,
    span: number,
  ): StepResult<SlowQueriesState> {
    const { overlap, redact, settle } = this.#settings;
    const queries = identified(target.source, entries, redact);
    const merged = mergeEntries(state, { entries: queries, unreadable }, window, identityOf(target.source), {
      whole,
      lookbackMs: overlap,
    });
    const now = clock();
    const unread = Math.max(window.from, state.watermark);
    const times = entries.map(({ time }) => time);
    const shownAge = provenAge(state.shownAge, times, { start: window.from - SECOND, now });
    // Nothing proves that Atlas still had everything when it answered.
    const isUnproven = state.begun && !isKept(unread, shownAge, now);
    const dropped = isUnproven ? droppedOf(window, unread, merged.oldest) : null;
    const context = {
      project: this.#project,
      process: target.source,
      clusterName: target.cursor.attributes['cluster_name'] ?? null,
      isRedacted: redact,
      collectedAt: now,
    };
    return {
      state: {
        ...merged.state,
        shownAge,
        // What Atlas dropped before it first showed a line is not a gap.
        begun: state.begun || merged.oldest !== null || now - window.to <= KEPT,
        unavailableOn: null,
        idle: false,
        span,
        pass: continued(state, window),
      },
      tables: [{ table: slowQueries, rows: merged.entries.map((entry) => rowOf(entry, context)) }],
      gaps: [...(dropped ? [dropped] : []), ...merged.gaps],
      measures: measuresOf(settle, merged),
    };
  }
}

function notPermitted(code: string): string {
  return `slow queries cannot be read: Atlas answered ${code}; the least role for them is ${ROLE}`;
}
