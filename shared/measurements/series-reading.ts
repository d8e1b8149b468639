import type { MeasurementSeries, MeasurementWindow } from '../atlas/api.ts';
import { AtlasApiError } from '../atlas/errors.ts';
import { isFromAtlas, refusalCode } from '../atlas/refusal.ts';
import { ceilTo, MINUTE, SECOND } from '../durations.ts';
import type { Gap } from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { withBacklog } from './backlogs.ts';
import type { Resolution } from './granularity.ts';
import type { NewPoint } from './known-points.ts';
import { passed } from './next-task.ts';
import { mergeResponse } from './series.ts';
import { gapEnd, lastSpan, type SeriesState, withSpan, withWatermark } from './series-state.ts';
import { isLasting, substituted } from './substitution.ts';
import { endBefore, endBeyond, type Finished, isRecent, withoutUnfinished } from './unfinished.ts';
import { lead, type ReadingPlan, refusedLength, refusedPart, settledTime, type Window } from './windows.ts';

/** The inputs of one request. */
export interface Reading {
  window: Window;
  state: SeriesState;
  time: RunTime;
  plan: ReadingPlan;
  /** Maximum series of the target. */
  maxSeries: number;
  /** Whether Atlas lists the target and has data of its process. */
  isListed: boolean;
  fetch(window: MeasurementWindow): Promise<MeasurementSeries[]>;
  clock(): number;
}

/** The result of a request. */
export interface Read {
  state: SeriesState;
  points: readonly NewPoint[];
  gaps: readonly Gap[];
}

/**
 * Maximum difference between Atlas's clock and ours. No request begins where Atlas has dropped everything by
 * our clock. If Atlas refuses a request that begins there, its clock may be ahead, and the request is
 * repeated with a start this much later.
 */
const CLOCKS_APART = 2 * MINUTE;

/** The reason of a gap over times that were read before, and may have got values since. */
const LAST_TIME = 'refused by Atlas when it was to be read a last time';

/**
 * Reads a window. A window that Atlas refuses permanently, while it answers for others of the target, becomes
 * a gap, one part at a time, so that it does not delay new data.
 *
 * @throws any error of `fetch` that is not such a refusal
 */
export async function readWindow(reading: Reading): Promise<Read> {
  const { window, state, time, maxSeries } = reading;
  let response: Finished;
  try {
    response = (await fetchWindow(reading, window)) ?? { series: [], heldBack: null };
  } catch (error) {
    if (isFromAtlas(error) && (await isTooFine(reading, error))) {
      const reason = `${LAST_TIME}: ${refusalCode(error)}`;
      return { ...substituted(state, window, time, reason), points: [] };
    }
    if (!isFromAtlas(error) || !(await isForGood(reading, error))) throw error;
    return refused(reading, refusalCode(error));
  }
  const { series, heldBack } = response;
  const merged = mergeResponse(state, series, window, time, maxSeries, readTo(reading, heldBack));
  return { ...merged, gaps: [] };
}

/**
 * Returns up to where a window counts as read. The watermark of a target that is not listed, or has no data, does not pass
 * a point that is held back, because the target may not live until its final check. A point after the window has no effect.
 */
function readTo({ window, isListed }: Reading, heldBack: number | null): number {
  if (heldBack === null || isListed || window.purpose !== 'advance') return window.to;
  return endBefore(window, heldBack);
}

/** Requests a window. Returns null without a request if Atlas has dropped all of it. */
async function fetchWindow(reading: Reading, window: Window): Promise<Finished | null> {
  const { resolution } = window;
  const held = ceilTo(reading.clock() - resolution.retention, SECOND);
  try {
    return await fetchFrom(reading, window, held);
  } catch (error) {
    const isOld = window.from - lead(resolution) < held + CLOCKS_APART;
    if (!isOld || !(error instanceof AtlasApiError) || error.status !== 400) throw error;
    return await fetchFrom(reading, window, held + CLOCKS_APART);
  }
}

async function fetchFrom(
  { fetch, plan, time, clock }: Reading,
  window: Window,
  held: number,
): Promise<Finished | null> {
  const { resolution, from, to } = window;
  const early = from - lead(resolution);
  const start = Math.max(early, held);
  if (start >= to) return null;
  const mayChange = isRecent(window, time);
  const end = mayChange ? endBeyond(window, clock()) : to;
  const response = await fetch({ granularity: resolution.granularity, start, end });
  const selected = response.filter(({ name }) => plan.selects(name));
  if (!mayChange) return { series: selected, heldBack: null };
  return withoutUnfinished(selected, resolution, { settle: plan.settle, now: time.now });
}

/**
 * Returns whether Atlas refuses new values at a granularity, whatever their time, and gives them at the substitute. It
 * refuses PT10S with 500 where no cluster is large enough. A 500 may also be a short problem of Atlas.
 */
async function isTooFine(reading: Reading, { status }: AtlasApiError): Promise<boolean> {
  const { window, state, time, plan } = reading;
  const { purpose, place, resolution } = window;
  const { substitute } = resolution;
  const span = state.spans[place];
  if (purpose !== 'advance' || !substitute || !span) return false;
  if (status === 500 && !isLasting(span, settledTime(time, plan.settle, resolution))) return false;
  if (status !== 500 && status !== 400) return false;
  if (status === 400 && (await isAnswered(() => returnsYounger(reading, resolution)))) return false;
  return isAnswered(() => returnsAt(reading, substitute));
}

/** Requests a window at another resolution. @throws any error of `fetch` */
async function returnsAt(reading: Reading, resolution: Resolution): Promise<boolean> {
  return (await fetchWindow(reading, { ...reading.window, resolution })) !== null;
}

/** Returns the result of a request; false if Atlas refuses it. */
async function isAnswered(request: () => Promise<boolean>): Promise<boolean> {
  try {
    return await request();
  } catch (error) {
    if (isFromAtlas(error)) return false;
    throw error;
  }
}

/**
 * Returns whether a refusal concerns only the requested time: Atlas says that the request is wrong or the
 * resource unknown, and in the same run answers for a younger time of the same target.
 */
async function isForGood(reading: Reading, { status }: AtlasApiError): Promise<boolean> {
  const { window, state, isListed } = reading;
  if (status !== 400 && status !== 404) return false;
  // Atlas answers 404 to every request for a target that is gone.
  if (status === 404 && !isListed) return false;
  if (window.purpose === 'advance')
    return status === 400 && (await returnsYounger(reading, window.resolution));
  const { resolution, startPosition } = lastSpan(state);
  // A run that continues an earlier run has nothing new to read, so it must send a request to find out.
  return startPosition !== null || returnsYounger(reading, resolution);
}

/**
 * Requests the newest values after the refused part of a window, if there is such a time.
 *
 * @throws any error of `fetch`: the target has a problem whatever time is requested
 */
async function returnsYounger(reading: Reading, resolution: Resolution): Promise<boolean> {
  const { window, time, plan } = reading;
  const to = settledTime(time, plan.settle, resolution);
  const from = Math.max(refusedPart(window).to, to - refusedLength(resolution));
  if (from >= to) return false;
  return (await fetchWindow(reading, { ...window, resolution, from, to })) !== null;
}

function refused({ window, state, time }: Reading, code: string): Read {
  if (window.purpose === 'backlog') {
    const requested = passed(state, window, time);
    const reason = `refused by Atlas: ${code}`;
    const noted = withBacklog(requested, window.place, (backlog) => ({ ...backlog, refusal: reason }));
    return { state: withWatermark(noted), points: [], gaps: [] };
  }
  if (window.purpose === 'lookback') return { state: passed(state, window, time), points: [], gaps: [] };
  // The hour before the position was read earlier, so the run continues without it.
  const position = state.spans[window.place]?.position ?? window.from;
  if (window.purpose === 'advance' && window.from < position)
    return { state: passed(state, { ...window, to: position }, time), points: [], gaps: [] };
  const part = refusedPart(window);
  const { from, to, place } = part;
  const span = state.spans[place];
  if (!span) throw new Error('a window refers to no span');
  const after = withSpan(passed(state, part, time), place, { from: to, finallyCheckedTo: to });
  const end = gapEnd(state, part.resolution, to);
  const isNew = window.purpose === 'advance';
  // The span now begins after the part, so that earlier times get no final check either.
  const unchecked = Math.min(Math.max(span.finallyCheckedTo, span.from), from);
  const before = { from: unchecked, to: isNew ? from : end, reason: `${LAST_TIME}: ${code}` };
  const unread = { from, to: end, reason: `refused by Atlas before it was read: ${code}` };
  const gaps = [...(before.from < before.to ? [before] : []), ...(isNew ? [unread] : [])];
  return { state: withWatermark(after), points: [], gaps };
}
