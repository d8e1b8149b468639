import type { AccessHistory, AtlasSession } from '../../shared/atlas/api.ts';
import { AtlasResponseError } from '../../shared/atlas/errors.ts';
import { MOST_ENTRIES } from '../../shared/atlas/operations/access-history.ts';
import { isRoleRefusal, isUnavailable, refusalCode } from '../../shared/atlas/refusal.ts';
import { SECOND } from '../../shared/durations.ts';
import type { Measure, StepResult, Target } from '../../shared/engine/dataset.ts';
import { projectOf } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import type { AccessLogsSettings } from './declaration.ts';
import { type MergedEntries, mergeEntries } from './merge.ts';
import { emptyOverlap } from './overlap.ts';
import { rowOf } from './rows.ts';
import type { HistoryState } from './state.ts';
import { accessLogs } from './tables.ts';
import {
  dropped,
  goneBefore,
  grownSpan,
  halvedSpan,
  joined,
  lostMeanwhile,
  position,
  requestStart,
  type Window,
  windowEnd,
} from './windows.ts';

/** Tiers that have no access history (Atlas's documentation of the endpoint), and their successor. */
const TENANT_SIZES = new Set(['M0', 'M2', 'M5', 'FLEX']);

/** Either of them suffices (the reference of the endpoint). */
const ROLES = 'Project Monitoring Admin or Project Database Access Admin';

const NO_HISTORY = 'a host has no access history, by the tier of its cluster; it is asked again tomorrow';

/** What one step works with. */
interface Reading {
  target: Target<HistoryState>;
  /** The start of the run. */
  run: number;
  settled: number;
  atlas: AtlasSession;
  clock: () => number;
}

/** Reads the access history of hosts, one window in each step. */
export class HistoryReader {
  readonly #settle: number;
  readonly #reach: number;

  constructor({ settle, overlap }: AccessLogsSettings) {
    this.#settle = settle;
    this.#reach = overlap;
  }

  async step(reading: Reading): Promise<StepResult<HistoryState>> {
    const { target, run, settled, clock } = reading;
    if (TENANT_SIZES.has(target.attributes['instance_size'] ?? '')) return unavailable(reading);
    const { state, gaps } = dropped(target.state, goneBefore(clock()));
    const from = position(state, run, this.#reach);
    const window = { from, to: Math.min(settled, windowEnd(state, from, MOST_ENTRIES)) };
    // All that was settled has been dropped in the meantime.
    if (window.from >= window.to) return { state, tables: [], gaps };
    try {
      const outcome = await this.#read({ ...reading, target: { ...target, state } }, window);
      return { ...outcome, gaps: joined([...gaps, ...outcome.gaps]) };
    } catch (error) {
      if (isUnavailable(error)) return unavailable(reading);
      if (isRoleRefusal(error)) return notPermitted(reading, refusalCode(error));
      throw error;
    }
  }

  /** A second more on both sides, in general, since it is not known whether the ends of a request are part of it. */
  async #read(reading: Reading, window: Window): Promise<StepResult<HistoryState>> {
    const { target, run } = reading;
    const { state } = target;
    const { isFull, ...history } = await ask(reading, {
      start: requestStart(state, window.from, this.#reach),
      end: window.to + SECOND,
    });
    if (!isFull) {
      // What was read again says nothing of what comes next.
      const isNew = window.to > state.watermark;
      const span = isNew ? grownSpan(state.span, window, history.given, MOST_ENTRIES) : state.span;
      return this.#written(reading, window, history, { whole: true, span });
    }
    if (window.to - window.from > SECOND) {
      return {
        state: { ...state, span: halvedSpan(window), reading: { run, from: window.from, wasFull: true } },
        tables: [],
        gaps: [],
      };
    }
    return this.#readSecond(reading, window);
  }

  /**
   * A second that overflows with its neighbours. Whether Atlas compares milliseconds or seconds is not known, nor whether
   * the ends of a request are part of it. The first request has all of the second in any case, and perhaps the one
   * after it; the second one is without that, and perhaps without the second's last millisecond. Together they have
   * all of it, unless the second one is full as well.
   */
  async #readSecond(reading: Reading, window: Window): Promise<StepResult<HistoryState>> {
    const wide = await ask(reading, { start: window.from - 1, end: window.to });
    const narrow = wide.isFull ? await ask(reading, { start: window.from - 1, end: window.to - 1 }) : null;
    const history = {
      entries: [...wide.entries, ...(narrow?.entries ?? [])],
      given: wide.given,
      unreadable: [...wide.unreadable, ...(narrow?.unreadable ?? [])],
    };
    const whole = narrow === null || !narrow.isFull;
    const outcome = this.#written(reading, window, history, { whole, span: SECOND });
    if (whole) return outcome;
    const reason = `more than the ${MOST_ENTRIES} entries of one second that Atlas gives`;
    return { ...outcome, gaps: [{ ...window, reason }] };
  }

  #written(
    { target, run, clock }: Reading,
    window: Window,
    history: AccessHistory,
    { whole, span }: { whole: boolean; span: number },
  ): StepResult<HistoryState> {
    const absorbed = mergeEntries(target.state, target.source, history, window, {
      whole,
      reach: this.#reach,
    });
    const lost = target.state.begun
      ? lostMeanwhile(window, target.state.watermark, absorbed.oldest, clock())
      : null;
    const context = {
      project: target.subject.id,
      hostname: target.source,
      clusterName: target.attributes['cluster_name'] ?? null,
      collectedAt: clock(),
    };
    return {
      state: {
        ...absorbed.state,
        unavailableOn: null,
        idle: false,
        span,
        reading: { run, from: window.to, wasFull: false },
      },
      tables: [{ table: accessLogs, rows: absorbed.entries.map((entry) => rowOf(entry, context)) }],
      gaps: [...(lost ? [lost] : []), ...absorbed.gaps],
      measures: this.#measures(absorbed),
    };
  }

  /**
   * `Lateness`: how long after its time an entry had not been there yet, at least; what comes later than settling delay
   * and overlap together is lost. `OverlapShrunk`: by how much the overlap is shorter than configured, because a host
   * logs too much; entries that come later than what is left of it are at risk.
   */
  #measures({ lateBy, shrunkBy }: MergedEntries): Measure[] {
    const late = lateBy === null ? [] : [seconds('Lateness', this.#settle + lateBy)];
    const shrunk = shrunkBy > 0 ? [seconds('OverlapShrunk', shrunkBy)] : [];
    return [...late, ...shrunk];
  }
}

/** An answer; full when it has as many entries as answers can have, or is larger than the client takes. */
async function ask(
  { target, atlas }: Reading,
  span: { start: number; end: number },
): Promise<AccessHistory & { isFull: boolean }> {
  try {
    const history = await atlas.accessHistory(projectOf(target.subject), target.source, span);
    return { ...history, isFull: history.given >= MOST_ENTRIES };
  } catch (error) {
    if (!(error instanceof AtlasResponseError) || error.problem !== 'too-large') throw error;
    return { entries: [], given: MOST_ENTRIES, unreadable: [], isFull: true };
  }
}

/** Left alone until tomorrow. A host that never had a history begins with the day on which it gets one. */
function unavailable({ target: { state }, settled, run }: Reading): StepResult<HistoryState> {
  const watermark = state.begun ? state.watermark : Math.max(state.watermark, settled);
  return {
    state: {
      ...state,
      watermark,
      overlap: state.begun ? state.overlap : emptyOverlap(watermark),
      reading: null,
      unavailableOn: utcDay(run),
      idle: true,
    },
    tables: [],
    gaps: [],
    warnings: [NO_HISTORY],
  };
}

/** Left alone until tomorrow. The watermark stays: with a better role, what Atlas still holds is read. */
function notPermitted({ target: { state }, run }: Reading, code: string): StepResult<HistoryState> {
  return {
    state: { ...state, reading: null, unavailableOn: utcDay(run), idle: true },
    tables: [],
    gaps: [],
    warnings: [`access logs cannot be read: Atlas answered ${code}; the least role for them is ${ROLES}`],
  };
}

function seconds(name: string, milliseconds: number): Measure {
  return { name, unit: 'Seconds', value: milliseconds / SECOND };
}
