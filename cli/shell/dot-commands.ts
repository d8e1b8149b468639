import { lakeTables } from '../../sql/tables.ts';
import { sqlType } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { plainTable } from '../plain-table.ts';

const DESCRIBED = [...lakeTables, ...views];

export const DOT_COMMANDS = ['.help', '.quit', '.schema', '.tables'];

const HELP = `SQL statements end with a semicolon and may have several lines. Queries only read.
.tables         list tables and views
.schema NAME    list the columns of a table or view
.quit           leave, as Ctrl-D does
Ctrl-C interrupts a query, or discards what you typed. Tab completes names.`;

/** Returns the output of a line that starts with a dot; `quit` to leave. */
export function answerDotCommand(line: string): string | 'quit' {
  const [command = '', name] = line.trim().replace(/;$/, '').split(/\s+/);
  switch (command) {
    case '.tables':
      return tables();
    case '.schema':
      return schema(name);
    case '.quit':
    case '.exit':
      return 'quit';
    case '.help':
      return HELP;
    default:
      return `unknown command ${JSON.stringify(command)}: .help lists the commands`;
  }
}

/** Lists tables and views with their descriptions. */
function tables(): string {
  return plainTable(
    ['name', 'description'],
    DESCRIBED.map(({ name, description }) => [name, description]),
  );
}

function schema(name: string | undefined): string {
  if (name === undefined) return 'usage: .schema NAME';
  const described = DESCRIBED.find((one) => one.name === name.toLowerCase());
  if (!described) return `there is no table or view ${JSON.stringify(name)}: .tables lists them`;
  const columns = described.columns.map((column) => [column.name, sqlType(column), column.description]);
  const dt = columns.some(([column]) => column === 'dt') ? [] : [['dt', 'varchar', 'The UTC day.']];
  return plainTable(['column', 'type', 'description'], [...columns, ...dt]);
}

/** The start of most queries. Others are rarely worth a completion. */
const KEYWORDS =
  'AND AS ASC BETWEEN BY CASE COUNT DESC DISTINCT FROM GROUP HAVING IN IS JOIN LIKE LIMIT NOT NULL ON OR ORDER SELECT USING WHERE WITH'.split(
    ' ',
  );

const NAMES = [
  ...new Set(DESCRIBED.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)])),
].sort();

/** Completes the last word of a line, in the form that `node:readline` needs. */
export function complete(line: string): [string[], string] {
  if (line.startsWith('.') && !line.includes(' ')) {
    return [DOT_COMMANDS.filter((command) => command.startsWith(line)), line];
  }
  const word = line.split(/\W/).at(-1) ?? '';
  if (word === '') return [[], ''];
  const names = NAMES.filter((name) => name.startsWith(word.toLowerCase()));
  const isUpper = word === word.toUpperCase();
  const keywords = KEYWORDS.filter((keyword) => keyword.startsWith(word.toUpperCase()));
  return [[...names, ...keywords.map((keyword) => (isUpper ? keyword : keyword.toLowerCase()))], word];
}
