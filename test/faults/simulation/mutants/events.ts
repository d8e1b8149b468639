import type { Mutant } from './mutant.ts';

const READER = 'functions/events/reader.ts';
const PAGES = 'functions/events/pages.ts';
const RETENTION = 'shared/histories/shown-retention.ts';
const UNIT = 'test/unit/events/collector.test.ts';
const topic = 'events';

/** Planted bugs in the windows, pages and gaps of events. */
export const EVENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a full page counts as all events of the window',
    topic,
    changes: [
      {
        file: READER,
        text: '    if (!reading.isCut) {',
        replacement: '    if (!reading.isCut || from(window)) {',
      },
      {
        file: READER,
        text: 'function notPermitted({ kind }: Subject',
        replacement:
          'const from = (window: Window) => window.from > 0;\n\nfunction notPermitted({ kind }: Subject',
      },
    ],
  },
  {
    name: 'a request for events counts as including both of its ends',
    topic,
    changes: [
      {
        file: READER,
        text: '{ start: window.from - SECOND, end: window.to + SECOND }',
        replacement: '{ start: window.from, end: window.to }',
      },
    ],
  },
  {
    name: 'only the first page of a second with many events is read',
    topic,
    changes: [
      { file: PAGES, text: 'while (page.more && page.given > 0 &&', replacement: 'while (page.given < 0 &&' },
      {
        file: PAGES,
        text: 'const isCut = page.more && page.given > 0;',
        replacement: 'const isCut = false;',
      },
    ],
  },
  {
    name: 'events that Atlas dropped leave no gap',
    topic,
    changes: [
      {
        file: READER,
        text: 'gap = droppedOf(window, unread, oldest);',
        replacement: 'droppedOf(window, unread, oldest);',
      },
    ],
  },
  {
    name: 'events are trusted to be kept forever',
    topic,
    changes: [
      {
        file: RETENTION,
        text: 'return now - instant + CLOCKS_APART <= Math.max(shownAge, KEPT);',
        replacement: 'return now - instant + CLOCKS_APART <= Math.max(shownAge, 1000 * KEPT);',
      },
    ],
  },
  {
    name: 'the gap of dropped events ends at the end of the window',
    topic,
    changes: [
      { file: RETENTION, text: 'const to = oldest ?? window.to;', replacement: 'const to = window.to;' },
    ],
  },
  {
    name: 'an event of an organisation is written as one of its project',
    topic,
    changes: [
      {
        file: 'functions/events/rows.ts',
        text: "org_id: subject.kind === 'organisation' ? subject.id : null,",
        replacement: "org_id: subject.kind === 'organisation' ? event.organisation : null,",
      },
    ],
  },
  {
    name: 'unreadable events in different places are one gap',
    topic,
    changes: [
      {
        file: 'functions/events/identity.ts',
        text: '[[from, to], ',
        replacement: '[[from < to], ',
      },
    ],
  },
  {
    name: 'unreadable events in one place are gaps of their own',
    topic,
    changes: [
      {
        file: 'functions/events/identity.ts',
        text: '[[from, to], ',
        replacement: '[...(identity === null ? [[from, to]] : []), ',
      },
    ],
  },
  {
    name: 'an unreadable event leaves a gap in each run',
    test: UNIT,
    changes: [
      {
        file: 'functions/events/identity.ts',
        text: "identity === null ? [] : [['unreadable', identity]]",
        replacement: 'identity === null ? [] : []',
      },
    ],
  },
  {
    name: 'the last known event is never requested, so that each outage is a gap',
    test: UNIT,
    changes: [
      {
        file: READER,
        text: 'lastEvent === null ? [] :',
        replacement: 'lastEvent === null || unread > 0 ? [] :',
      },
    ],
  },
  {
    name: 'what Atlas dropped before the first read is a gap',
    test: UNIT,
    changes: [
      {
        file: READER,
        text: 'begun: state.begun || shown.lastEvent !== null ||',
        replacement: 'begun: !state.begun || shown.lastEvent !== null ||',
      },
    ],
  },
  {
    name: 'pages of events are read in one direction only',
    test: UNIT,
    changes: [
      {
        file: PAGES,
        text: 'for (let pageNum = last - 1; pageNum >= 1;',
        replacement: 'for (let pageNum = last - 1; pageNum > last;',
      },
    ],
  },
  {
    name: 'a page that is shorter than requested counts as the last one',
    test: UNIT,
    changes: [
      {
        file: PAGES,
        text: 'return { ...first, isCut: given > 0 };',
        replacement: 'return { ...first, isCut: given < 0 };',
      },
    ],
  },
];
