import { afterEach, expect, test } from 'vitest';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { processId } from '../../../shared/ids.ts';
import { json, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const SPAN = { start: Date.UTC(2026, 3, 26, 2, 0, 0), end: Date.UTC(2026, 3, 26, 3, 0, 0) };

const slowQuery = (time: string) => ({ line: JSON.stringify({ t: { $date: time } }), namespace: 'a.b' });
const event = (created: string) => ({ id: `e${created}`, created, eventTypeName: 'HOST_UP' });

test.each([
  {
    operation: 'accessHistory',
    answer: (times: string[]) => ({ accessLogs: times.map((timestamp) => ({ timestamp })) }),
    read: (session: AtlasSession) => session.accessHistory(PROJECT, 'host', SPAN),
  },
  {
    operation: 'slowQueries',
    answer: (times: string[]) => ({ slowQueries: times.map(slowQuery) }),
    read: (session: AtlasSession) => session.slowQueries(PROJECT, processId('host:27017'), SPAN),
  },
  {
    operation: 'listEvents',
    answer: (times: string[]) => ({ results: times.map(event) }),
    read: (session: AtlasSession) => session.listEvents({ kind: 'project', id: PROJECT }, SPAN, 1),
  },
])('entries of $operation far from the requested span are reported', async ({ operation, answer, read }) => {
  const times = [SPAN.start, SPAN.end + MINUTE, Date.UTC(2031, 0, 1), SPAN.end, Date.UTC(1970, 0, 2)];
  const body = answer(times.map((time) => new Date(time).toISOString()));
  atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, body));
  const session = atlas.client().session({ deadline: Number.MAX_SAFE_INTEGER });
  await read(session);
  expect(session.remarks.unreadableItems).toBe(2);
  expect([...session.remarks.notes].join()).toMatch(
    new RegExp(`^${operation}: 2 items cannot be read and were skipped, the first for \\w+\\[2\\]\\.\\w+: `),
  );
});
