/**
 * The part of SQL that means the same in DuckDB and in Athena (Trino). Functions that are not listed may exist in
 * both and still differ in silence: `concat` and `greatest` treat null differently, `date_diff` counts boundaries in
 * one and whole units in the other, `max_by` skips nulls in one only, `count_if` of nothing but nulls is null in one.
 */
const FUNCTIONS = new Set([
  ...['avg', 'count', 'max', 'min', 'sum', 'regr_slope'],
  ...['row_number'],
  ...['coalesce', 'nullif', 'round', 'cast', 'date_trunc'],
  ...['replace', 'substr', 'try_cast', 'unnest', 'json_extract'],
  // Trino's; macros in DuckDB.
  ...['to_unixtime', 'from_unixtime', 'json_extract_scalar'],
]);

/** Words that stand before a parenthesis and are no functions. */
const KEYWORDS = new Set([
  'from',
  'in',
  'filter',
  'over',
  'and',
  'or',
  'where',
  'on',
  'join',
  'as',
  'select',
]);

/** What a statement uses that is not known to mean the same in both engines. */
export function outsideCommonSubset(sql: string): string[] {
  const code = sql.replaceAll(/'(?:[^']|'')*'/g, "''").toLowerCase();
  // A name after AS that has a list behind it names columns.
  const functions = [...code.matchAll(/(?<!\bas\s+)\b([a-z_][a-z_0-9]*)\s*\(/g)].map(([, name = '']) => name);
  const strangers = functions.filter((name) => !FUNCTIONS.has(name) && !KEYWORDS.has(name));
  // Of integers, one engine gives an integer and the other a double: a divisor is a double literal or cast to one.
  const divisions = [...code.matchAll(/\/\s*(.{0,90})/g)]
    .map(([, divisor = '']) => divisor)
    .filter((divisor) => !/^(\d+(\.\d+)?e\d+\b|cast\(.* as double\))/.test(divisor));
  const clocks = [...code.matchAll(/\b(current_date|current_timestamp|now|localtimestamp)\b/g)].map(
    ([word]) => word,
  );
  return [...new Set([...strangers, ...divisions.map((divisor) => `/ ${divisor}`), ...clocks])];
}
