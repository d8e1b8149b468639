/** One SQL statement of a text. */
export interface Statement {
  /** The statement without its semicolon. */
  sql: string;
  /** The statement with blanks instead of quoted texts and comments. Only for decisions, never for execution. */
  bare: string;
}

/** The statements of a text, and what follows its last semicolon. */
export interface SplitSql {
  ended: Statement[];
  rest: Statement;
  /** The text ends within a quoted text or a comment. */
  isOpen: boolean;
}

/** Splits SQL at semicolons that are outside of quoted texts and comments. */
export function splitSql(text: string): SplitSql {
  const ended: Statement[] = [];
  let start = 0;
  let bare = '';
  let at = 0;
  while (at < text.length) {
    const end = endOfQuote(text, at);
    if (end === undefined) {
      const character = text[at] ?? '';
      at += 1;
      if (character !== ';') {
        bare += character;
        continue;
      }
      if (bare.trim() !== '') ended.push({ sql: text.slice(start, at - 1), bare });
      start = at;
      bare = '';
      continue;
    }
    bare += isComment(text, at) ? ' ' : ' ? ';
    if (end === null) return { ended, rest: { sql: text.slice(start), bare }, isOpen: true };
    at = end;
  }
  return { ended, rest: { sql: text.slice(start), bare }, isOpen: false };
}

/** Returns all statements of a text. The last one needs no semicolon. */
export function statementsOf(text: string): Statement[] {
  const { ended, rest } = splitSql(text);
  return rest.bare.trim() === '' ? ended : [...ended, rest];
}

function isComment(text: string, at: number): boolean {
  return text.startsWith('--', at) || text.startsWith('/*', at);
}

/**
 * Returns the end of the quoted text or comment that starts here; undefined if none starts here, null if it does not
 * end. A doubled quote within a quoted text reads as two texts, which makes no difference.
 */
function endOfQuote(text: string, at: number): number | null | undefined {
  if (text.startsWith('--', at)) {
    const line = text.indexOf('\n', at);
    return line < 0 ? text.length : line;
  }
  if (text.startsWith('/*', at)) return after(text, '*/', at + 2);
  const quote = text[at];
  if (quote === '"') return after(text, '"', at + 1);
  if (quote === "'") return isEscaping(text, at) ? afterEscapes(text, at + 1) : after(text, "'", at + 1);
  const dollar = quote === '$' ? /^\$(?:[a-z_]\w*)?\$/i.exec(text.slice(at, at + 64))?.[0] : undefined;
  return dollar === undefined ? undefined : after(text, dollar, at + dollar.length);
}

function after(text: string, mark: string, from: number): number | null {
  const at = text.indexOf(mark, from);
  return at < 0 ? null : at + mark.length;
}

/** Tells whether a quote opens a text such as `E'it\'s'`, in which a backslash escapes. */
function isEscaping(text: string, at: number): boolean {
  return /(?<!\w)e$/i.test(text.slice(Math.max(0, at - 2), at));
}

function afterEscapes(text: string, from: number): number | null {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === "'") return at + 1;
  }
  return null;
}

/** First words of statements that write, or that change the database in another way than a definition in memory. */
const REFUSED = new Set(
  'alter analyze attach begin call checkpoint commit copy deallocate delete detach drop execute export force import insert install load merge pragma prepare reset rollback set truncate update use vacuum'.split(
    ' ',
  ),
);

/** Tells whether a statement returns rows. Of those that only read, all but CREATE do. */
export function hasResult(statement: Statement): boolean {
  return wordsOf(statement)[0] !== 'create';
}

/** Returns what a statement would do besides reading, as `COPY`; null if it only reads. */
export function refusedWord(statement: Statement): string | null {
  const [first = '', ...others] = wordsOf(statement);
  if (REFUSED.has(first)) return first.toUpperCase();
  // EXPLAIN ANALYZE runs the statement.
  return first === 'explain' && others.includes('copy') ? 'COPY' : null;
}

function wordsOf({ bare }: Statement): string[] {
  return bare.toLowerCase().match(/[a-z_]+/g) ?? [];
}
