import type { AccessHistory, AtlasSession } from '../../shared/atlas/api.ts';
import { AtlasResponseError } from '../../shared/atlas/errors.ts';
import { MAX_ENTRIES } from '../../shared/atlas/operations/access-history.ts';
import { isRoleRefusal, isUnavailable, refusalCode } from '../../shared/atlas/refusal.ts';
import { SECOND } from '../../shared/durations.ts';
import type { Target } from '../../shared/engine/cursor.ts';
import type { StepResult } from '../../shared/engine/dataset.ts';
import { dropped, goneBefore, lostMeanwhile } from '../../shared/histories/documented-retention.ts';
import { measuresOf } from '../../shared/histories/measures.ts';
import { mergeEntries } from '../../shared/histories/merge.ts';
import { skippedWithoutHistory, skippedWithoutRole } from '../../shared/histories/skipping.ts';
import type { HistoryState } from '../../shared/histories/state.ts';
import {
  continued,
  grownSpan,
  halved,
  type InPass,
  inPass,
  isBehind,
  joined,
  requestStart,
  type Window,
  windowEnd,
} from '../../shared/histories/windows.ts';
import type { ProjectId } from '../../shared/ids.ts';
import type { AccessLogsSettings } from './declaration.ts';
import { identityOf } from './identity.ts';
import { rowOf } from './rows.ts';
import { accessLogs } from './tables.ts';
import { MAX_SPAN, RETENTION } from './windows.ts';

/** Tiers without an access history (Atlas's documentation of the endpoint), and the tier that replaced them. */
const TENANT_SIZES = new Set(['M0', 'M2', 'M5', 'FLEX']);

/** Either role is sufficient (the reference of the endpoint). */
const ROLES = 'Project Monitoring Admin or Project Database Access Admin';

/** What one request can return. */
const LIMITS = { maxEntries: MAX_ENTRIES, maxSpan: MAX_SPAN };

const NO_HISTORY = 'a host has no access history, by the tier of its cluster; it is asked again tomorrow';

/** What one step works with. */
interface Reading {
  target: Target<HistoryState>;
  /** The state of the target. */
  state: HistoryState;
  /** The start of the run, ms. */
  startedAt: number;
  settled: number;
  atlas: AtlasSession;
  clock: () => number;
}

type ReadingInPass = Reading & { state: InPass<HistoryState> };

/** Reads the access history of hosts, one window per step. */
export class HistoryReader {
  readonly #settle: number;
  readonly #lookbackMs: number;
  readonly #project: ProjectId;

  constructor({ settle, overlap }: AccessLogsSettings, project: ProjectId) {
    this.#project = project;
    this.#settle = settle;
    this.#lookbackMs = overlap;
  }

  async step(reading: Reading): Promise<StepResult<HistoryState>> {
    const { target, settled, clock } = reading;
    if (TENANT_SIZES.has(target.cursor.attributes['instance_size'] ?? ''))
      return skippedWithoutHistory(reading, NO_HISTORY);
    const { state: held, gaps } = dropped(reading.state, goneBefore(clock(), RETENTION));
    // Atlas has dropped everything that was settled.
    if (!isBehind(held, settled)) return { state: held, tables: [], gaps };
    const state = inPass(held, settled, this.#lookbackMs);
    const window = { from: state.pass.from, to: windowEnd(state, MAX_ENTRIES) };
    try {
      const outcome = await this.#read({ ...reading, state }, window);
      return { ...outcome, gaps: joined([...gaps, ...outcome.gaps]) };
    } catch (error) {
      if (isUnavailable(error)) return skippedWithoutHistory(reading, NO_HISTORY);
      if (isRoleRefusal(error)) return skippedWithoutRole(reading, notPermitted(refusalCode(error)));
      throw error;
    }
  }

  /**
   * Reads a window. A request usually covers one more second on both sides, because Atlas does not document whether the
   * ends of a request are included.
   */
  async #read(reading: ReadingInPass, window: Window): Promise<StepResult<HistoryState>> {
    const { state } = reading;
    const { isFull, ...history } = await this.#request(reading, {
      start: requestStart(state, window.from, this.#lookbackMs),
      end: window.to + SECOND,
    });
    if (!isFull) {
      // The number of entries read again does not predict how many follow.
      const isNew = window.to > state.watermark;
      const span = isNew ? grownSpan(state.span, window, history.given, LIMITS) : state.span;
      return this.#written(reading, window, history, { whole: true, span });
    }
    if (window.to - window.from > SECOND) {
      return { state: halved(state, window), tables: [], gaps: [] };
    }
    return this.#readSecond(reading, window);
  }

  /**
   * Reads a second that overflows together with its neighbours. Atlas does not document whether it compares
   * milliseconds or seconds, nor whether the ends of a request are included.
   *
   * The first request covers the whole second, and perhaps the next one. The second request excludes the next second,
   * and perhaps the last millisecond of this one. Together they cover the whole second, unless the second request is
   * full too.
   */
  async #readSecond(reading: ReadingInPass, window: Window): Promise<StepResult<HistoryState>> {
    const wide = await this.#request(reading, { start: window.from - 1, end: window.to });
    const narrow = wide.isFull
      ? await this.#request(reading, { start: window.from - 1, end: window.to - 1 })
      : null;
    const history = {
      entries: [...wide.entries, ...(narrow?.entries ?? [])],
      given: wide.given,
      unreadable: [...wide.unreadable, ...(narrow?.unreadable ?? [])],
    };
    const whole = narrow === null || !narrow.isFull;
    const outcome = this.#written(reading, window, history, { whole, span: SECOND });
    if (whole) return outcome;
    const reason = `more than the ${MAX_ENTRIES} entries of one second that Atlas gives`;
    return { ...outcome, gaps: [{ ...window, reason }] };
  }

  /**
   * Requests a span. The response is full when it has the maximum number of entries, or is larger than the client
   * accepts.
   */
  async #request(
    { target, atlas }: Reading,
    span: { start: number; end: number },
  ): Promise<AccessHistory & { isFull: boolean }> {
    try {
      const history = await atlas.accessHistory(this.#project, target.source, span);
      return { ...history, isFull: history.given >= MAX_ENTRIES };
    } catch (error) {
      if (!(error instanceof AtlasResponseError) || error.problem !== 'too-large') throw error;
      return { entries: [], given: MAX_ENTRIES, unreadable: [], isFull: true };
    }
  }

  #written(
    { target, state, clock }: ReadingInPass,
    window: Window,
    history: AccessHistory,
    { whole, span }: { whole: boolean; span: number },
  ): StepResult<HistoryState> {
    const merged = mergeEntries(state, history, window, identityOf(target.source), {
      whole,
      lookbackMs: this.#lookbackMs,
    });
    const answer = { now: clock(), retention: RETENTION };
    const lost = state.begun ? lostMeanwhile(window, state.watermark, merged.oldest, answer) : null;
    const context = {
      project: this.#project,
      hostname: target.source,
      clusterName: target.cursor.attributes['cluster_name'] ?? null,
      collectedAt: clock(),
    };
    return {
      state: {
        ...merged.state,
        unavailableOn: null,
        idle: false,
        span,
        pass: continued(state, window),
      },
      tables: [{ table: accessLogs, rows: merged.entries.map((entry) => rowOf(entry, context)) }],
      gaps: [...(lost ? [lost] : []), ...merged.gaps],
      measures: measuresOf(this.#settle, merged),
    };
  }
}

function notPermitted(code: string): string {
  return `access logs cannot be read: Atlas answered ${code}; the least role for them is ${ROLES}`;
}
