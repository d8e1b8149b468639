import type { Mutant } from './mutant.ts';

const WINDOWS = 'shared/measurements/windows.ts';
const NEXT_TASK = 'shared/measurements/next-task.ts';
const SERIES = 'shared/measurements/series.ts';
const POINTS = 'shared/measurements/known-points.ts';
const BACKLOGS = 'shared/measurements/backlogs.ts';
const READING = 'shared/measurements/series-reading.ts';
const CHANGES = 'shared/measurements/series-changes.ts';

const KNOWN = '    if (instants[index] === timestamp) continue;\n';

/** Planted bugs in windows, granularities and series. */
export const MEASUREMENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a granularity that replaces an unread one begins before a recorded gap',
    test: 'test/unit/measurements/granularity-change.test.ts',
    changes: [
      {
        file: 'shared/measurements/series-changes.ts',
        text: 'if (former && isUnread(last) && former.to === last.from) spans.pop();',
        replacement: 'if (former && isUnread(last)) spans.pop();',
      },
    ],
  },
  {
    name: 'measurements are read before they settle',
    changes: [
      {
        file: WINDOWS,
        text: 'return floorTo(Math.min(tick, now) - settle, step);',
        replacement: 'return floorTo(Math.min(tick, now) - settle / 2, step);',
      },
    ],
  },
  {
    name: 'a point after the settled time is written',
    changes: [
      {
        file: POINTS,
        text: 'return instant >= from && instant < to;',
        replacement: 'return instant >= from && instant < to + resolution.interval;',
      },
    ],
  },
  {
    name: 'the newest point counts as final while Atlas is behind',
    changes: [
      {
        file: 'shared/measurements/unfinished.ts',
        text: 'const isHeldBack = newest + interval + HELD_BACK > now;',
        replacement: 'const isHeldBack = newest > now;',
      },
    ],
  },
  {
    name: 'the watermark of a target that has left passes a point that is held back',
    test: 'test/unit/measurements/series-reading.test.ts',
    changes: [
      {
        file: 'shared/measurements/series-reading.ts',
        text: 'return endBefore(window, heldBack);',
        replacement: 'return window.to;',
      },
    ],
  },
  {
    name: 'databases settle after the usual lag of disks',
    test: 'test/unit/measurements/settle-times.test.ts',
    changes: [
      {
        file: 'functions/database-measurements/declaration.ts',
        text: 'settle: 7 * MINUTE',
        replacement: 'settle: 2 * MINUTE',
      },
    ],
  },
  {
    name: 'the coarse resolution begins one interval late',
    changes: [
      {
        file: BACKLOGS,
        text: 'const holding = floorTo(lost, coarse.interval);',
        replacement: 'const holding = floorTo(lost, coarse.interval) + coarse.interval;',
      },
    ],
  },
  {
    name: 'the border between granularities is one interval late',
    changes: [
      {
        file: BACKLOGS,
        text: 'let end = ceilTo(limit(resolution, now), coarser[0]?.interval ?? resolution.interval);',
        replacement:
          'let end = ceilTo(limit(resolution, now), coarser[0]?.interval ?? resolution.interval) + (coarser[0]?.interval ?? 0);',
      },
    ],
  },
  {
    name: 'the fine resolution begins one interval before the border',
    changes: [
      {
        file: BACKLOGS,
        text: 'const border = end;',
        replacement: 'const border = end - resolution.interval;',
      },
    ],
  },
  {
    name: 'a window starts at its first required point, where rates are null',
    changes: [
      {
        file: READING,
        text: 'const early = from - lead(resolution);',
        replacement: 'const early = from;\n  void lead;',
      },
    ],
  },
  {
    name: 'one watermark for all series of a target',
    changes: [
      {
        file: SERIES,
        text: 'const merged = mergePoints(response, window, holder.known, intervals);',
        replacement:
          'const merged = mergePoints(response, { ...window, from: Math.max(window.from, holder.position) }, holder.known, intervals);',
      },
    ],
  },
  {
    name: 'values that are read again are written again',
    changes: [{ file: POINTS, text: KNOWN, replacement: '' }],
  },
  {
    name: 'the hour before the watermark is not read again',
    changes: [{ file: NEXT_TASK, text: 'const LOOKBACK = HOUR;', replacement: 'const LOOKBACK = 0;' }],
  },
  {
    name: 'the hour before new points is not read again while a backlog waits',
    topic: 'measurements',
    changes: [
      {
        file: NEXT_TASK,
        text: '? Math.max(floorTo(position - LOOKBACK, resolution.step), span.from,',
        replacement:
          '? Math.max(floorTo(position - (state.backlogs.length > 0 ? 0 : LOOKBACK), resolution.step), span.from,',
      },
    ],
  },
  {
    name: 'no final check happens before Atlas deletes values',
    changes: [
      {
        file: NEXT_TASK,
        text: '    finalCheckWindow(opened, plan, time.now) ??\n',
        replacement: '    (plan.jitter < 0 ? finalCheckWindow(opened, plan, time.now) : null) ??\n',
      },
    ],
  },
  {
    name: 'the past of a series that appears is not read',
    changes: [
      {
        file: SERIES,
        text: 'return span.from < span.position ? { ...span, rereadFrom: span.from } : span;',
        replacement: 'return span;',
      },
    ],
  },
  {
    name: 'a removed target leaves no gap',
    changes: [
      {
        file: 'shared/measurements/series-expiry.ts',
        text: 'const gaps = joined(unread)',
        replacement: 'const gaps = joined([])',
      },
    ],
  },
  {
    name: 'the second of two points in one interval counts as known',
    changes: [
      {
        file: POINTS,
        text: KNOWN,
        replacement:
          '    if (instants.some((known) => floorTo(known, resolution.interval) === floorTo(timestamp, resolution.interval))) continue;\n',
      },
    ],
  },
  {
    name: 'data at a former granularity is not read again',
    changes: [
      {
        file: CHANGES,
        text: 'const closed = [...spans, { ...open, to: border, rereadFrom }, newSpan(resolution, border)];',
        replacement:
          'const closed = [newSpan(resolution, floorTo(open.position, resolution.interval))];\n  void [border, rereadFrom];',
      },
    ],
  },
  {
    name: 'the hour before a change of granularity is not read again',
    changes: [
      {
        file: NEXT_TASK,
        text: '    lookbackWindow(opened, time.now) ??\n',
        replacement: '    (plan.jitter < 0 ? lookbackWindow(opened, time.now) : null) ??\n',
      },
    ],
  },
  {
    name: 'an empty answer counts as a new read of the lookback hour',
    test: 'test/unit/measurements/empty-responses.test.ts',
    changes: [
      {
        file: SERIES,
        text: 'emptyFrom: Math.min(emptyFrom ?? window.from, window.from) };',
        replacement: 'emptyFrom: emptyFrom ?? was.position };',
      },
    ],
  },
  {
    name: 'a coarse answer without values counts as read',
    changes: [
      {
        file: BACKLOGS,
        text: '...(isOver && { firstRequestedAt: requestedAt, lastRequestedAt: requestedAt }),',
        replacement: '...{ from: to, firstRequestedAt: requestedAt, lastRequestedAt: requestedAt },',
      },
    ],
  },
  {
    name: 'hours without values are not read at a coarser granularity after Atlas has dropped them',
    test: 'test/unit/measurements/backlogs.test.ts',
    changes: [
      {
        file: BACKLOGS,
        text: 'if (emptyFrom === null) return position;',
        replacement: 'if (emptyFrom === null || position > 0) return position;',
      },
    ],
  },
  {
    name: 'a backlog is not read again once Atlas has dropped the beginning of a window',
    test: 'test/unit/measurements/backlogs.test.ts',
    changes: [
      {
        file: BACKLOGS,
        text: 'const held = Math.max(start, floorTo(limit(resolution, now), resolution.interval));',
        replacement: 'const held = start >= limit(resolution, now) ? start : end;',
      },
    ],
  },
  {
    name: 'coarse values that never appear leave no gap',
    changes: [
      {
        file: BACKLOGS,
        text: 'gaps: lackingIn(state, backlog, selects),',
        replacement: 'gaps: lackingIn(state, backlog, selects).slice(9),',
      },
    ],
  },
  {
    name: 'a target begins with the oldest value that Atlas returns',
    test: 'test/unit/measurements/backlogs.test.ts',
    changes: [
      {
        file: 'shared/measurements/series-state.ts',
        text: 'if (backlog.refusal !== null || isOlderThanItsValues(state, backlog)) return',
        replacement: 'void isOlderThanItsValues;\n  if (backlog.refusal !== null) return',
      },
    ],
  },
  {
    name: 'a gap covers the early timestamp of the next hour',
    test: 'test/unit/measurements/gap-ends.test.ts',
    changes: [
      {
        file: 'shared/measurements/series-state.ts',
        text: 'return isEarly ? border - earlyBy(resolution) : border;',
        replacement: 'return isEarly ? border : border + 0 * earlyBy(resolution);',
      },
    ],
  },
  {
    name: 'coarse points are read before new ones',
    test: 'test/integration/engine/order-of-work.slow.test.ts',
    changes: [
      {
        file: NEXT_TASK,
        text: "  if (window) return { kind: 'read', state: opened, window };\n",
        replacement:
          "  const first = backlogTask(opened, time);\n  if (first) return first;\n  if (window) return { kind: 'read', state: opened, window };\n",
      },
    ],
  },
  {
    name: 'a refused final check is repeated forever',
    changes: [
      {
        file: READING,
        text: 'return startPosition !== null || returnsYounger(reading, resolution);',
        replacement: 'return resolution === null && returnsYounger(reading, resolution);',
      },
    ],
  },
  {
    name: 'a refused final check proves nothing in a run without new values',
    test: 'test/unit/measurements/series-reading.test.ts',
    changes: [
      {
        file: READING,
        text: 'return startPosition !== null || returnsYounger(reading, resolution);',
        replacement:
          'return startPosition !== null || (resolution === null && returnsYounger(reading, resolution));',
      },
    ],
  },
  {
    name: 'a refusal by a proxy becomes a gap',
    test: 'test/unit/measurements/series-reading.test.ts',
    changes: [
      {
        file: READING,
        text: 'if (!isFromAtlas(error) || !(await isForGood(reading, error))) throw error;',
        replacement:
          'if (!(isFromAtlas(error) || error instanceof AtlasApiError) || !(await isForGood(reading, error))) throw error;',
      },
    ],
  },
  {
    name: 'a refusal of new data ends the final checks of earlier data without a gap',
    test: 'test/unit/measurements/series-reading.test.ts',
    changes: [
      {
        file: READING,
        text: 'const gaps = [...(before.from < before.to ? [before] : []), ...(isNew ? [unread] : [])];',
        replacement: 'const gaps = [...(isNew ? [unread] : [before])];',
      },
    ],
  },
  {
    name: 'targets share the few requests of a continuation',
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: 'if (this.#context.isContinuation) {',
        replacement: 'if (this.#context.isContinuation && this.#steps > 0) {',
      },
    ],
  },
  {
    name: 'a request begins before the data that Atlas has',
    changes: [
      {
        file: READING,
        text: 'const start = Math.max(early, held);',
        replacement: 'const start = Math.max(early, early - held);',
      },
    ],
  },
  {
    name: 'the earlier data of a process without data is not read',
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: 'const candidates = discovery.targets;',
        replacement: 'const candidates = discovery.targets.filter(({ cursor }) => cursor.hasData);',
      },
    ],
  },
];
