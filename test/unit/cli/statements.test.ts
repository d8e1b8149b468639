import { expect, test } from 'vitest';
import { hasResult, refusedWord, splitSql, statementsOf } from '../../../cli/duckdb/statements.ts';

const sqlOf = (text: string) => statementsOf(text).map(({ sql }) => sql.trim());

test.each<[string, string[]]>([
  ['SELECT 1', ['SELECT 1']],
  ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
  [' ; ;; -- nothing;\n/* ; */ ', []],
  ['SELECT \';\', ";", $$;$$, $a$;$$;$a$; SELECT 2', ['SELECT \';\', ";", $$;$$, $a$;$$;$a$', 'SELECT 2']],
  ["SELECT 'it''s;'; SELECT E'it\\'s;'", ["SELECT 'it''s;'", "SELECT E'it\\'s;'"]],
  ["SELECT name'\\'; SELECT 2", ["SELECT name'\\'", 'SELECT 2']],
  ['SELECT 1 -- one; two\n; SELECT 2 /* ; */', ['SELECT 1 -- one; two', 'SELECT 2 /* ; */']],
])('the statements of %j end at semicolons outside of quotes and comments', (text, expected) => {
  expect(sqlOf(text)).toEqual(expected);
});

test.each([
  ['SELECT 1', false],
  ["SELECT 'a;", true],
  ['SELECT /* a;', true],
  ['SELECT $$ a;', true],
  ['SELECT 1 -- a', false],
])('a text such as %j continues on the next line: %s', (text, isOpen) => {
  expect(splitSql(text)).toMatchObject({ ended: [], isOpen });
});

test.each<[string, string | null]>([
  ["COPY (SELECT 1) TO 'x'", 'COPY'],
  ["/* a */ -- b\n attach 'x'", 'ATTACH'],
  ["EXPLAIN ANALYZE COPY (SELECT 1) TO 'x'", 'COPY'],
  ["EXPLAIN SELECT 'copy'", null],
  ['(SELECT 1)', null],
  ['FROM alerts', null],
  ['CREATE VIEW copy AS SELECT 1', null],
  ['SELEC 1', null],
])('%j is refused because of %s', (text, word) => {
  expect(statementsOf(text).map(refusedWord)).toEqual([word]);
});

test('every statement that reads has a result, except CREATE', () => {
  expect(statementsOf('CREATE VIEW a AS SELECT 1; FROM a').map(hasResult)).toEqual([false, true]);
});
