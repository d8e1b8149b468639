import type { Mutant } from './mutant.ts';

const WINDOWS = 'shared/collection/windows.ts';
const SERIES = 'shared/collection/series.ts';

/** Mistakes of windows, granularities and series. */
export const MEASUREMENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'the coarse level begins one granule late',
    changes: [
      {
        file: WINDOWS,
        text: 'const from = floorTo(marks.mark, level.granule);',
        replacement: 'const from = floorTo(marks.mark, level.granule) + level.granule;',
      },
    ],
  },
  {
    name: 'the border between granularities is one granule late',
    changes: [
      {
        file: WINDOWS,
        text: 'const border = ceilTo(limit(finer, now), level.granule);',
        replacement: 'const border = ceilTo(limit(finer, now), level.granule) + level.granule;',
      },
    ],
  },
  {
    name: 'the fine level begins one granule before the border',
    changes: [
      {
        file: WINDOWS,
        text: 'const mark = Math.max(marks.mark, window.to);',
        replacement:
          'const mark = Math.max(marks.mark, window.to - (window.level === fine ? 0 : fine.granule));',
      },
    ],
  },
  {
    name: 'a window starts at its first wanted point, where rates are null',
    changes: [
      {
        file: 'shared/collection/series-collector.ts',
        text: 'start: window.from - window.level.granule,',
        replacement: 'start: window.from,',
      },
    ],
  },
  {
    name: 'one high-water mark for all series of a target',
    changes: [
      {
        file: SERIES,
        text: 'if (before && hasGranule(before, fine, timestamp)) continue;',
        replacement: 'if (timestamp < state.mark) continue;',
      },
    ],
  },
  {
    name: 'what is read again is written again',
    changes: [
      { file: SERIES, text: 'if (before && hasGranule(before, fine, timestamp)) continue;', replacement: '' },
    ],
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
        text: ' ?? recheckWindow(marks, fine, time.now);',
        replacement: ';\n  void recheckWindow;',
      },
    ],
  },
  {
    name: 'a series that shows up does not bring its past',
    changes: [
      {
        file: SERIES,
        text: 'const rereadFrom = reread ? marks.fineFrom : marks.rereadFrom;',
        replacement: 'const rereadFrom = reread ? marks.rereadFrom : marks.rereadFrom;',
      },
    ],
  },
  {
    name: 'what is gone leaves no gap',
    changes: [
      {
        file: 'shared/collection/gone.ts',
        text: '  if (target.state.mark >= end) return null;\n',
        replacement: '  if (target.state.mark <= end) return null;\n',
      },
    ],
  },
];
