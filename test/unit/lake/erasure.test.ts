import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { accessLogs } from '../../../functions/access-logs/tables.ts';
import { alertConfigurations, alerts } from '../../../functions/alerts/tables.ts';
import { datasets } from '../../../functions/datasets.ts';
import { events } from '../../../functions/events/tables.ts';
import { collectionGaps, lakeTables } from '../../../shared/engine/tables.ts';
import { Eraser, isPersonal } from '../../../shared/lake/erasure.ts';
import type { Table } from '../../../shared/lake/table.ts';

const line = (row: Record<string, unknown>) => `${JSON.stringify(row)}\n`;

const login = (username: string | null, log_line: string) => line({ project_id: 'p', username, log_line });

describe('rows about the person', () => {
  test('are removed, and the others stay byte for byte', () => {
    // Spaces and an unusual number: an unaffected row must not be formatted again.
    const odd = '{"project_id": "p", "username":"joanne","log_line":"ann logged in",  "n":1.50}\n'.replace(
      'ann ',
      '',
    );
    const { text, removed, changed } = new Eraser(accessLogs, 'ann').erase(
      login('ann', 'x') + odd + login('ann', 'y') + login(null, 'z'),
    );
    expect({ removed, changed }).toEqual({ removed: 2, changed: 0 });
    expect(text).toBe(odd + login(null, 'z'));
  });

  test.each(['Ann', 'joann', 'ann@example.com', 'ann.b', 'ann-1'])('%j is another person', (other) => {
    const row = login(other, `{"user":"${other}"}`);
    expect(new Eraser(accessLogs, 'ann').erase(row)).toEqual({ text: row, removed: 0, changed: 0 });
  });
});

describe('rows that name the person', () => {
  test.each([
    ['{"attr":{"user":"ann","db":"admin"}}', '{"attr":{"user":"[erased]","db":"admin"}}'],
    ['Failed for ann. Try: ann, or ann', 'Failed for [erased]. Try: [erased], or [erased]'],
    ['CN=ann,OU=ops', 'CN=[erased],OU=ops'],
    ['ann@example.com knows joanne', null],
  ])('%s', (before, after) => {
    const { text, removed, changed } = new Eraser(accessLogs, 'ann').erase(login('other', before));
    expect({ text, removed, changed }).toEqual({
      text: login('other', after ?? before),
      removed: 0,
      changed: after === null ? 0 : 1,
    });
  });

  test('keep everything except the name', () => {
    const row = {
      alert_id: 'a',
      change: 'acknowledged',
      current_value: 1.5,
      acknowledging_username: 'ann@example.com',
      acknowledgement_comment: 'ann@example.com looks into it',
      document: JSON.stringify({ id: 'a', acknowledgingUsername: 'ann@example.com' }),
      cluster_name: 'ann@example.com',
    };
    const { text, changed } = new Eraser(alerts, 'ann@example.com').erase(line(row));
    expect(changed).toBe(1);
    expect(text).toBe(
      line({
        ...row,
        acknowledging_username: '[erased]',
        acknowledgement_comment: '[erased] looks into it',
        document: JSON.stringify({ id: 'a', acknowledgingUsername: '[erased]' }),
      }),
    );
  });
});

test('an event is removed if the person caused it, and kept without the name if it was done to them', () => {
  const did = {
    actor: 'ann@example.com',
    remote_address: '192.0.2.1',
    document: '{"username":"ann@example.com"}',
  };
  const met = {
    actor: 'bob@example.com',
    target: 'ann@example.com',
    document: JSON.stringify({ targetUsername: 'ann@example.com', username: 'bob@example.com' }),
  };
  expect(new Eraser(events, 'ann@example.com').erase(line(did) + line(met))).toEqual({
    text: line({
      ...met,
      target: '[erased]',
      document: JSON.stringify({ targetUsername: '[erased]', username: 'bob@example.com' }),
    }),
    removed: 1,
    changed: 1,
  });
});

test.each(['o"brien', 'back\\slash', 'a.b*c', 'Zoë', 'CN=ann,OU="a b"'])(
  'a name such as %s is found however it is quoted',
  (user) => {
    const inLog = login(null, JSON.stringify({ attr: { user } }));
    const { text, changed } = new Eraser(accessLogs, user).erase(login(user, '') + inLog);
    expect(changed).toBe(1);
    expect(text).toBe(login(null, JSON.stringify({ attr: { user: '[erased]' } })));
  },
);

test('an empty name is rejected', () =>
  expect(() => new Eraser(alerts, '')).toThrow('the name of the user is empty'));

test('every column that can name people is described in docs/privacy.md', () => {
  const text = readFileSync(new URL('../../../docs/privacy.md', import.meta.url), 'utf8');
  const tables: readonly Table[] = [...lakeTables(datasets), accessLogs, alerts, alertConfigurations];
  for (const { name, columns } of tables) {
    for (const column of columns) {
      if (column.personal === undefined) continue;
      expect(text).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|.*\`${column.name}\``, 'm'));
    }
  }
});

test('tables know whether they name people', () => {
  expect([accessLogs, alerts, collectionGaps].map(isPersonal)).toEqual([true, true, false]);
});
