import type { Mutant } from './mutant.ts';

const WINDOWS = 'shared/collection/windows.ts';
const SERIES = 'shared/collection/series.ts';
const POINTS = 'shared/collection/known-points.ts';
const BACKLOGS = 'shared/collection/backlogs.ts';
const READING = 'shared/collection/series-reading.ts';
const CHANGES = 'shared/collection/series-changes.ts';

const KNOWN = '    if (instants[place] === timestamp) continue;\n';

/** Mistakes of windows, granularities and series. */
export const MEASUREMENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'the coarse level begins one granule late',
    changes: [
      {
        file: BACKLOGS,
        text: 'const holding = floorTo(span.position, coarse.granule);',
        replacement: 'const holding = floorTo(span.position, coarse.granule) + coarse.granule;',
      },
    ],
  },
  {
    name: 'the border between granularities is one granule late',
    changes: [
      {
        file: BACKLOGS,
        text: 'let end = ceilTo(limit(level, now), coarser[0]?.granule ?? level.granule);',
        replacement:
          'let end = ceilTo(limit(level, now), coarser[0]?.granule ?? level.granule) + (coarser[0]?.granule ?? 0);',
      },
    ],
  },
  {
    name: 'the fine level begins one granule before the border',
    changes: [
      { file: BACKLOGS, text: 'const border = end;', replacement: 'const border = end - level.granule;' },
    ],
  },
  {
    name: 'a window starts at its first wanted point, where rates are null',
    changes: [
      {
        file: READING,
        text: 'const early = from - lead(level);',
        replacement: 'const early = from;\n  void lead;',
      },
    ],
  },
  {
    name: 'one high-water mark for all series of a target',
    changes: [
      {
        file: SERIES,
        text: 'const taken = takePoints(answer, window, holder.known, granules);',
        replacement:
          'const taken = takePoints(answer, { ...window, from: Math.max(window.from, holder.position) }, holder.known, granules);',
      },
    ],
  },
  {
    name: 'what is read again is written again',
    changes: [{ file: POINTS, text: KNOWN, replacement: '' }],
  },
  {
    name: 'the hour behind the mark is not read again',
    changes: [{ file: WINDOWS, text: 'const REACH = HOUR;', replacement: 'const REACH = 0;' }],
  },
  {
    name: 'nothing is read once more before Atlas drops it',
    changes: [
      {
        file: WINDOWS,
        text: '    recheckWindow(opened, pace, time.now) ??\n',
        replacement: '    (pace.phase < 0 ? recheckWindow(opened, pace, time.now) : null) ??\n',
      },
    ],
  },
  {
    name: 'a series that shows up does not bring its past',
    changes: [
      {
        file: SERIES,
        text: 'return span.from < span.position ? { ...span, rereadFrom: span.from } : span;',
        replacement: 'return span;',
      },
    ],
  },
  {
    name: 'what is gone leaves no gap',
    changes: [
      {
        file: 'shared/collection/series-expiry.ts',
        text: 'gaps: joined(unread, lostReason(target)) };',
        replacement: 'gaps: joined([], lostReason(target)) };',
      },
    ],
  },
  {
    name: 'of two points in one granule the second counts as known',
    changes: [
      {
        file: POINTS,
        text: KNOWN,
        replacement:
          '    if (instants.some((known) => floorTo(known, level.granule) === floorTo(timestamp, level.granule))) continue;\n',
      },
    ],
  },
  {
    name: 'what a former granularity had is not looked after',
    changes: [
      {
        file: CHANGES,
        text: 'const closed = [...spans, { ...open, to: border, rereadFrom }, newSpan(level, border)];',
        replacement:
          'const closed = [newSpan(level, floorTo(open.position, level.granule))];\n  void [border, rereadFrom];',
      },
    ],
  },
  {
    name: 'the hour before a change of granularity is not read again',
    changes: [
      {
        file: WINDOWS,
        text: '    reachWindow(opened, time.now) ??\n',
        replacement: '    (pace.phase < 0 ? reachWindow(opened, time.now) : null) ??\n',
      },
    ],
  },
  {
    name: 'a coarse answer without values counts as read',
    changes: [
      {
        file: BACKLOGS,
        text: 'return { ...backlog, position: to, ...(isOver && { firstAsked: asked, lastAsked: asked }) };',
        replacement:
          'return { ...backlog, from: to, position: to, firstAsked: asked, lastAsked: asked };\n    void isOver;',
      },
    ],
  },
  {
    name: 'coarse values that never come leave no gap',
    changes: [
      {
        file: BACKLOGS,
        text: "return { kind: 'record', state: marked({ ...state, backlogs }), gaps: lackingIn(state, backlog) };",
        replacement:
          "return { kind: 'record', state: marked({ ...state, backlogs }), gaps: lackingIn(state, backlog).slice(9) };",
      },
    ],
  },
  {
    name: 'coarse points are read before new ones',
    test: 'test/integration/collection/order-of-work.slow.test.ts',
    changes: [
      {
        file: WINDOWS,
        text: "  if (window) return { kind: 'read', state: opened, window };\n",
        replacement:
          "  const first = backlogTask(opened, time);\n  if (first) return first;\n  if (window) return { kind: 'read', state: opened, window };\n",
      },
    ],
  },
  {
    name: 'a refused last look is asked again for ever',
    changes: [
      {
        file: READING,
        text: 'return reached?.run === time.now || answersYounger(reading, level);',
        replacement: 'return reached?.run === -time.now && answersYounger(reading, level);',
      },
    ],
  },
  {
    name: 'in a run with nothing new a refused last look is no proof',
    test: 'test/unit/collection/series-reading.test.ts',
    changes: [
      {
        file: READING,
        text: 'return reached?.run === time.now || answersYounger(reading, level);',
        replacement:
          'return reached?.run === time.now || (level === null && answersYounger(reading, level));',
      },
    ],
  },
  {
    name: 'a refusal by a proxy becomes a gap',
    test: 'test/unit/collection/series-reading.test.ts',
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
    name: 'targets share the few requests of a continuation',
    changes: [
      {
        file: 'shared/collection/target-loop.ts',
        text: 'let isAlone = this.#context.isContinuation;',
        replacement: 'let isAlone = this.#context.isContinuation && this.#steps > 0;',
      },
    ],
  },
  {
    name: 'a request begins before what Atlas holds',
    changes: [
      {
        file: READING,
        text: 'const start = Math.max(early, held);',
        replacement: 'const start = Math.max(early, early - held);',
      },
    ],
  },
  {
    name: 'a process without data is not asked for what it had',
    changes: [
      {
        file: 'shared/collection/target-loop.ts',
        text: 'const candidates = discovery.targets;',
        replacement: 'const candidates = discovery.targets.filter(({ silent }) => !silent);',
      },
    ],
  },
];
