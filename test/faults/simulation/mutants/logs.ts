import type { Mutant } from './mutant.ts';

const READER = 'shared/logs/reader.ts';
const LINES = 'shared/logs/window-lines.ts';
const VOLUME = 'shared/logs/volume.ts';
const DOWNLOAD = 'shared/atlas/download.ts';
const UNIT = 'test/unit/logs/collector.test.ts';
const CLIENT = 'test/integration/atlas/logs.test.ts';
const topic = 'logs';

/** Planted bugs in the streams, lines, windows and volumes of logs. */
export const LOG_MUTANTS: readonly Mutant[] = [
  {
    name: 'lines without a time are dropped',
    topic,
    changes: [
      {
        file: LINES,
        text: "const time = this.#timeOf(bytes.toString('latin1', 0, START_BYTES)) ?? this.#time;",
        replacement: "const time = this.#timeOf(bytes.toString('latin1', 0, START_BYTES)) ?? null;",
      },
    ],
  },
  {
    name: 'lines without a time have the time of the request',
    topic,
    changes: [
      {
        file: LINES,
        text: "this.#timeOf(bytes.toString('latin1', 0, START_BYTES)) ?? this.#time;",
        replacement: "this.#timeOf(bytes.toString('latin1', 0, START_BYTES)) ?? this.#window.from;",
      },
    ],
  },
  {
    name: 'equal log lines of one time are one line',
    topic,
    changes: [
      {
        file: LINES,
        text: 'const equal = (this.#counts.get(line) ?? 0) + 1;',
        replacement: 'const equal = 1;',
      },
    ],
  },
  {
    name: 'equal log lines are numbered by their place in the response',
    topic,
    changes: [
      {
        file: LINES,
        text: 'const equal = (this.#counts.get(line) ?? 0) + 1;',
        replacement: 'const equal = this.entries.length;',
      },
    ],
  },
  {
    name: 'a log that is requested again continues after the lines of the broken response',
    test: UNIT,
    changes: [
      {
        file: READER,
        text: '        lines = new WindowLines(log, window, capacity, this.#kind.timeOf);\n        return lines;',
        replacement: '        return lines;',
      },
    ],
  },
  {
    name: 'a request for a log counts as including both of its ends',
    topic,
    changes: [
      {
        file: READER,
        text: 'const span = { start: window.from - SECOND, end: window.to + SECOND };',
        replacement: 'const span = { start: window.from, end: window.to };',
      },
    ],
  },
  {
    name: 'a window with too many log lines counts as whole',
    test: UNIT,
    changes: [
      {
        file: READER,
        text: 'if (!lines.isFull) {\n      // The number',
        replacement: 'if (lines) {\n      // The number',
      },
    ],
  },
  {
    name: 'the volume of a day admits one second too many',
    topic,
    changes: [{ file: VOLUME, text: 'if (bytes + more > limit) {', replacement: 'if (bytes > limit) {' }],
  },
  {
    name: 'an exhausted volume leaves no gap',
    topic,
    changes: [
      {
        file: READER,
        text: 'if (lostFrom !== null) gaps.push(',
        replacement: 'if (lostFrom === 0) gaps.push(',
      },
    ],
  },
  {
    name: 'each window has the volume of a whole day',
    topic,
    changes: [
      {
        file: READER,
        text: 'volume: volumeAt(state.volume, window.from),',
        replacement: "volume: { day: '', bytes: 0, exceeded: null },",
      },
    ],
  },
  {
    name: 'the rest of an exhausted day is skipped without a gap',
    topic,
    changes: [
      {
        file: READER,
        text: 'return { state: past(state, to), tables: [], gaps: [gap] };',
        replacement: 'return { state: past(state, to), tables: [], gaps: gap ? [] : [] };',
      },
    ],
  },
  {
    name: 'an exhausted day never ends',
    test: UNIT,
    changes: [
      {
        file: VOLUME,
        text: 'return volume.day === utcDay(instant) ? volume',
        replacement: 'return volume.day ? volume',
      },
    ],
  },
  {
    name: 'a log without bytes counts as empty although its header says more',
    test: CLIENT,
    changes: [
      {
        file: DOWNLOAD,
        text: "if (Number(headers['x-uncompressed-content-length'] ?? 0) > 0) throw new BodyBroken();",
        replacement: '',
      },
    ],
  },
  {
    name: 'an empty page of a gateway counts as an empty log',
    test: CLIENT,
    changes: [
      {
        file: DOWNLOAD,
        text: 'if (!/gzip/i.test(type)) throw new BodyBroken(NO_FILE);',
        replacement: '',
      },
    ],
  },
  {
    name: 'a byte order mark is a part of the first line',
    test: CLIENT,
    changes: [
      {
        file: 'shared/atlas/log-lines.ts',
        text: 'const isMark = head.subarray(0, MARK.length).equals(MARK);',
        replacement: 'const isMark = head.length === 0;',
      },
    ],
  },
  {
    name: 'a log of any size is decompressed',
    test: CLIENT,
    changes: [
      {
        file: DOWNLOAD,
        text: 'if (size > MAX_FILE) throw',
        replacement: 'if (size > 1_000 * MAX_FILE) throw',
      },
    ],
  },
  {
    name: 'a truncated log is a short log',
    test: CLIENT,
    changes: [
      {
        file: DOWNLOAD,
        text: '    guarded(() => sink.end());\n  } finally {',
        replacement: '    guarded(() => sink.end());\n  } catch {\n    sink.end();\n  } finally {',
      },
    ],
  },
];
