/**
 * The functions that have the same meaning in DuckDB and Athena (Trino). Other functions may exist in both and still
 * differ: `concat` and `greatest` treat null differently, `date_diff` counts boundaries in one and whole units in the
 * other, `max_by` skips nulls in only one, and `count_if` of only nulls is null in one.
 */
const FUNCTIONS = new Set([
  ...['avg', 'count', 'max', 'min', 'sum', 'regr_slope'],
  ...['row_number', 'lag'],
  ...['coalesce', 'nullif', 'round', 'cast', 'date_trunc'],
  ...['replace', 'substr', 'try', 'try_cast', 'unnest', 'json_extract', 'strpos'],
  // Functions of Trino, macros in DuckDB.
  ...['to_unixtime', 'from_unixtime', 'json_extract_scalar', 'json_format', 'sequence'],
]);

/** Words that can precede a parenthesis and are not functions. */
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
  'values',
  'when',
]);

/** Returns the parts of a statement that may have different meanings in the two engines. */
export function outsideCommonSubset(sql: string): string[] {
  const code = sql.replaceAll(/'(?:[^']|'')*'/g, "''").toLowerCase();
  // A name after AS that is followed by a list names columns.
  const functions = [...code.matchAll(/(?<!\bas\s+)\b([a-z_][a-z_0-9]*)\s*\(/g)].map(([, name = '']) => name);
  const strangers = functions.filter((name) => !FUNCTIONS.has(name) && !KEYWORDS.has(name));
  // Integer division returns an integer in one engine and a double in the other, so a divisor must be a double.
  const divisions = [...code.matchAll(/\/\s*(.{0,90})/g)]
    .map(([, divisor = '']) => divisor)
    .filter((divisor) => !/^(\d+(\.\d+)?e\d+\b|cast\(.* as double\))/.test(divisor));
  const clocks = [...code.matchAll(/\b(current_date|current_timestamp|now|localtimestamp)\b/g)].map(
    ([word]) => word,
  );
  return [...new Set([...strangers, ...divisions.map((divisor) => `/ ${divisor}`), ...clocks])];
}
