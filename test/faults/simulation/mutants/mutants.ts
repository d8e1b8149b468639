/** A mistake that somebody could make, as changes of the sources. */
export interface Mutant {
  name: string;
  changes: ReadonlyArray<{
    file: string;
    /** Occurs exactly once. */
    text: string;
    replacement: string;
  }>;
}

const BATCH = 'shared/collection/batch-writer.ts';
const TENURE = 'shared/cursors/tenure.ts';
const WINDOWS = 'shared/collection/windows.ts';
const SERIES = 'shared/collection/series.ts';
const STORE = 'shared/lake/object-store.ts';
const HISTORY = 'functions/access-logs/collector.ts';
const ABSORB = 'functions/access-logs/absorb.ts';

const ANNOUNCE = '      await this.#tenure.announce(objects.map(({ key }) => key));\n';
const COMMIT = '    await this.#tenure.commit({ cursors, ledger, release: close !== null });\n';
const PUTS =
  '      await Promise.all(objects.map(({ key, body }) => limit(() => this.#lake.create(key, body))));\n';

/** The mistakes that collectors of this kind are known for, and those that this one's protocol could have. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the cursor moves before the write',
    changes: [
      { file: BATCH, text: PUTS, replacement: '' },
      {
        file: BATCH,
        text: COMMIT,
        replacement: `${COMMIT}    await Promise.all(objects.map(({ key, body }) => this.#lake.create(key, body)));\n`,
      },
    ],
  },
  {
    name: 'the cursor moves after a part of the writes',
    changes: [{ file: BATCH, text: PUTS, replacement: PUTS.replace('Promise.all', 'Promise.allSettled') }],
  },
  {
    name: 'an answer that failed counts as empty, and moves the mark',
    changes: [
      {
        file: 'shared/collection/series-collector.ts',
        text: 'end: window.to,\n  });',
        replacement: 'end: window.to,\n  }).catch(() => []);',
      },
    ],
  },
  {
    name: 'a failed target is not reported',
    changes: [
      {
        file: 'shared/collection/target-loop.ts',
        text: '    this.#failures.push({ target: label(known), error: trouble.error });\n',
        replacement: '',
      },
    ],
  },
  {
    name: "a dead run's objects are deleted instead of emptied",
    changes: [
      {
        file: STORE,
        text: "    const checksum = createHash('sha256').update(EMPTY_GZIP).digest('base64');\n    await this.#put(key, EMPTY_GZIP, checksum, {});",
        replacement: '    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));',
      },
      { file: STORE, text: 'import { HeadObject', replacement: 'import { DeleteObjectCommand, HeadObject' },
    ],
  },
  {
    name: "a dead run's objects are left as they are",
    changes: [
      { file: TENURE, text: 'for (const key of emptied) await lake.empty(key);', replacement: 'void lake;' },
    ],
  },
  {
    name: 'the writer cleans up after an unclear answer',
    changes: [
      {
        file: BATCH,
        text: COMMIT,
        replacement: `${COMMIT.trimEnd().slice(0, -1)}.catch(async (error: unknown) => {
      for (const { key } of objects) await this.#lake.empty(key);
      throw error;
    });
`,
      },
    ],
  },
  {
    name: 'the commit does not raise the sequence',
    changes: [
      {
        file: TENURE,
        text: 'sequence: seen + 1, writtenBy',
        replacement: 'sequence: cursors.length > 0 ? seen : seen + 1, writtenBy',
      },
    ],
  },
  {
    name: 'the commit does not ask for the sequence',
    changes: [
      {
        file: 'shared/cursors/cursor-store.ts',
        text: '{ Put: this.#conditionalHeader(scope, header, seen) }',
        replacement:
          '{ Put: { TableName: this.#table, Item: this.#conditionalHeader(scope, header, seen).Item } }',
      },
    ],
  },
  {
    name: 'a lost answer is taken for a failure, and the update repeated',
    changes: [
      {
        file: TENURE,
        text: '    const stored = await store.readHeader(scope);\n    if (',
        replacement:
          '    const stored = await store.readHeader(scope);\n    if (stored) return store.putTogether(scope, { ...next, sequence: stored.sequence + 1 }, stored.sequence, cursors);\n    if (',
      },
    ],
  },
  {
    name: 'a batch is announced after it is written',
    changes: [
      { file: BATCH, text: ANNOUNCE, replacement: '' },
      { file: BATCH, text: PUTS, replacement: PUTS + ANNOUNCE },
    ],
  },
  {
    name: 'If-None-Match is left out',
    changes: [{ file: STORE, text: "{ IfNoneMatch: '*' });", replacement: '{});' }],
  },
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
  {
    name: 'entries that come late are not looked for behind the mark',
    changes: [
      {
        file: 'functions/access-logs/windows.ts',
        text: ': Math.max(overlap.from, floorTo(mark - reach, SECOND));',
        replacement: ': Math.max(overlap.from, floorTo(mark - reach, SECOND), mark);',
      },
    ],
  },
  {
    name: 'entries of the overlap are written again',
    changes: [
      {
        file: ABSORB,
        text: 'if (seen !== undefined) continue;',
        replacement: 'if (seen === null) continue;',
      },
    ],
  },
  {
    name: 'only the last window is remembered, however short it was',
    changes: [
      {
        file: ABSORB,
        text: 'const known = knownEntries(state.overlap);',
        replacement:
          'const known = window.from < state.mark ? knownEntries(state.overlap) : new Map<string, number>();',
      },
    ],
  },
  {
    name: 'a full answer counts as all of its window',
    changes: [
      {
        file: HISTORY,
        text: '    if (!isFull) {',
        replacement: '    if (!isFull || window.to > window.from) {',
      },
    ],
  },
  {
    name: 'a second that overflows leaves no gap',
    changes: [
      {
        file: HISTORY,
        text: 'if (whole) return outcome;',
        replacement: 'if (whole || narrow) return outcome;',
      },
    ],
  },
  {
    name: "a request's ends are taken to belong to it",
    changes: [
      {
        file: HISTORY,
        text: '{ start: window.from - SECOND, end: window.to + SECOND }',
        replacement: '{ start: window.from, end: window.to }',
      },
    ],
  },
  {
    name: 'log entries are read before they have settled',
    changes: [
      {
        file: 'functions/access-logs/windows.ts',
        text: 'return floorTo(Math.min(tick, now) - settle, SECOND);',
        replacement: 'return floorTo(Math.min(tick, now) - 0 * settle, SECOND);',
      },
    ],
  },
  {
    name: 'log entries that Atlas dropped leave no gap',
    changes: [
      {
        file: 'functions/access-logs/windows.ts',
        text: 'const isGap = state.begun || held - state.mark > BEGINNING;',
        replacement: 'const isGap = state.begun && held - state.mark > 100 * DAY;',
      },
    ],
  },
];
