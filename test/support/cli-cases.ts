import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import fc from 'fast-check';

/**
 * One start of the command line and the conditions around it. `{name}` in an argument stands for a path that the test
 * prepares.
 */
export interface CliCase {
  command: string;
  args: string[];
  /** The standard input; null for none. */
  input: string | null;
  atlas: 'good' | 'wrong secret' | 'no credentials' | 'half a credential' | 'nobody answers' | 'no Atlas';
  aws: 'good' | 'wrong secret' | 'nobody answers' | 'no region';
  /** `closed` is a pipe whose reader has gone, `full` a device that is full. */
  output: 'pipe' | 'closed' | 'full';
  /** `full` leaves room for this many KiB, `small files` lets no file grow beyond it. */
  disk: { kind: 'room' | 'full' | 'small files'; kib: number };
  /** When Ctrl-C is pressed, in ms; null for never. */
  interruptedAt: number | null;
}

/** Paths that a test prepares: a good lake, and others. */
export const PLACES = [
  'good',
  'missing',
  'empty',
  'file',
  'read-only',
  'broken',
  'config',
  'wrong-config',
] as const;

const PATHS = [...PLACES.map((place) => `{${place}}`), '{read-only}/new', '', 'x'.repeat(300)];

/** Valid and invalid values of an option or argument. One that is not listed gets paths and odd texts. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--lake': [...often('{good}', 20), ...PATHS],
  '--config': [...often('{config}', 12), ...PATHS],
  '--output': [...often('{missing}', 12), '/dev/full', ...PATHS],
  '--at': ['2026-03-02T12:00:00Z', '2999-01-01T00:00:00Z', '1970-01-01', '2026-13-01', 'noon', ''],
  '--dataset': [...often('disk_measurements', 6), 'alerts', 'tables', ''],
  '--project': [...often('{project}', 4), '0'.repeat(24), 'p1', ''],
  '--port': ['0', '{busy}', '{busy}', '1', '70000', '-1', 'http', ''],
  '--bucket': [...often('lake', 6), 'typo', 'UPPER_case', ''],
  '--cursor-table': [...often('atlas-lake-cursors', 6), 'typo', 'x', ''],
  '--work-group': ['primary', ''],
  '--database': ['atlas_lake', ''],
  '--user': ['ann', "a'; DROP TABLE x", ''],
  sql: [
    'SELECT count(*) FROM disk_measurements',
    'SELECT * FROM disk_forecast',
    'FROM range(100000)',
    'SELEC 1',
    'SELECT * FROM nothing',
    "COPY (SELECT 1) TO 'x'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT CAST('x' AS int)",
    'SELECT 1; SELECT 2',
    '-',
    ';',
    '',
  ],
};

const ODD = ['a', '-1', '\u0007é\n', ...PATHS];

const INPUTS = [
  'SELECT 1;\n',
  '.tables\n.schema disk_measurements\n.wrong\n',
  'SELECT * FROM nothing;\nSELECT 2;\n',
  '',
];

/** These go on until they are interrupted, or take longer than a test. */
const LONG: readonly string[] = ['simulate', 'demo'];

/** Returns cases of a command. Its options and arguments come from the program, so that a new one is not forgotten. */
export function casesOf(command: CommandUnknownOpts): fc.Arbitrary<CliCase> {
  // The options of a lake in S3 make sense together only.
  const inS3 = fc.nat(99).map((draw) => draw < 30);
  const options = inS3.chain((isInS3) =>
    fc.tuple(
      ...command.options.map((option) =>
        fc
          .tuple(fc.nat(99), wordsOf(option.long ?? '', option))
          .map(([draw, words]) => (draw < likelihood(option, isInS3) ? words : [])),
      ),
    ),
  );
  const parameters = command.registeredArguments.map((argument) =>
    fc
      .tuple(fc.nat(99), fc.constantFrom(...(argument.argChoices ?? VALUES[argument.name()] ?? ODD)))
      .map(([draw, word]) => (draw < 90 ? [word] : [])),
  );
  const wrong = fc.nat(99).map((draw) => (draw < 2 ? ['--wrong'] : draw < 4 ? ['one', 'too', 'many'] : []));
  const isLong = LONG.includes(command.name());
  return fc.record({
    command: fc.constant(command.name()),
    args: fc.tuple(fc.tuple(...parameters), options, wrong).map((parts) => parts.flat(2)),
    input: fc.constantFrom(null, ...INPUTS),
    atlas: mostly('good', [
      'wrong secret',
      'no credentials',
      'half a credential',
      'nobody answers',
      'no Atlas',
    ]),
    aws: mostly('good', ['wrong secret', 'nobody answers', 'no region']),
    output: mostly('pipe', ['closed', 'full']),
    disk: fc.record({
      kind: mostly('room', ['full', 'small files']),
      kib: fc.constantFrom(0, 4, 16, 64, 512, 4_096),
    }),
    interruptedAt: isLong
      ? fc.constantFrom<number | null>(0, 500, 2_000, 6_000)
      : fc.constantFrom(...often(null, 12), 0, 500, 2_000),
  });
}

/** Returns in how many of a hundred cases an option is there. */
function likelihood({ long, mandatory }: Option, isInS3: boolean): number {
  if (long === '--bucket' || long === '--cursor-table' || long === '--work-group') return isInS3 ? 90 : 1;
  // Most commands need their lake, and cannot do without what is required.
  if (mandatory || long === '--lake') return 90;
  return long === '--json' ? 50 : 20;
}

/** Returns the same value several times, so that it is drawn more often than others. */
function often<Value>(value: Value, times: number): Value[] {
  return Array.from({ length: times }, () => value);
}

function wordsOf(long: string, option: Option): fc.Arbitrary<string[]> {
  if (option.isBoolean()) return fc.constant([long]);
  const values = option.argChoices ? [...option.argChoices, 'xml'] : (VALUES[long] ?? ODD);
  return fc.constantFrom(...values).map((value) => [long, value]);
}

/** Returns the usual condition in three of five cases. */
function mostly<Usual extends string, Other extends string>(
  usual: Usual,
  others: readonly Other[],
): fc.Arbitrary<Usual | Other> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
}
