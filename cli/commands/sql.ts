import { createInterface, type Interface } from 'node:readline';
import type { DuckDBConnection } from '@duckdb/node-api';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { checkStatements, runStatement } from '../duckdb/query.ts';
import { formatted } from '../duckdb/result-formats.ts';
import { type Statement, splitSql, statementsOf } from '../duckdb/statements.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { Interrupted, stopOnInterruption } from '../interruption.ts';
import { answerDotCommand, complete } from '../shell/dot-commands.ts';
import { HISTORY_SIZE, historyFile, readHistory, storeHistory } from '../shell/history.ts';

const PROMPT = 'sql> ';
const CONTINUATION = '...> ';

/** Runs an interactive shell on a lake's folder. Returns 2 if input that is no terminal has a wrong statement. */
export function sql({ lake }: { lake: string }): Promise<number> {
  return withLakeDatabase(lake, async (connection) => {
    const { stdin: input, stdout: output } = process;
    const isTerminal = input.isTTY && output.isTTY;
    const file = historyFile(process.env);
    const lines = createInterface({
      input,
      output,
      terminal: isTerminal,
      prompt: PROMPT,
      completer: complete,
      removeHistoryDuplicates: true,
      ...(isTerminal && { history: readHistory(file), historySize: HISTORY_SIZE }),
    });
    if (isTerminal) {
      output.write('Queries only read. .help shows the commands, Ctrl-D leaves.\n');
      lines.on('history', (history: string[]) => storeHistory(file, history));
    }
    const code = await new Shell(connection, lines, isTerminal).run();
    return isTerminal ? EXIT.done : code;
  });
}

class Shell {
  readonly #connection: DuckDBConnection;
  readonly #lines: Interface;
  readonly #isTerminal: boolean;
  /** What was typed after the last statement. */
  #typed = '';
  #isRunning = false;
  #isStopped = false;
  #code: number = EXIT.done;

  constructor(connection: DuckDBConnection, lines: Interface, isTerminal: boolean) {
    this.#connection = connection;
    this.#lines = lines;
    this.#isTerminal = isTerminal;
  }

  /** Reads and answers lines until the input ends. */
  async run(): Promise<number> {
    // A terminal in the shell's mode passes Ctrl-C to the shell as a key, not as a signal.
    this.#lines.on('SIGINT', () => this.#discard());
    const release = stopOnInterruption(() => this.#stop());
    this.#prompt();
    for await (const line of this.#lines) {
      if (!(await this.#answer(line))) break;
      this.#prompt();
    }
    if (this.#isStopped) throw new Interrupted();
    await this.#runAll(statementsOf(this.#typed));
    this.#lines.close();
    release();
    return this.#code;
  }

  /** Returns false to leave. */
  async #answer(line: string): Promise<boolean> {
    if (this.#typed === '' && line.trimStart().startsWith('.')) {
      const answer = answerDotCommand(line);
      if (answer === 'quit') return false;
      process.stdout.write(`${answer}\n`);
      return true;
    }
    const { ended, rest, isOpen } = splitSql(`${this.#typed}${line}\n`);
    this.#typed = rest.bare.trim() === '' && !isOpen ? '' : rest.sql;
    await this.#runAll(ended);
    return true;
  }

  /** Runs statements of one line up to the first that fails, because the others may depend on it. */
  async #runAll(statements: readonly Statement[]): Promise<void> {
    this.#isRunning = true;
    try {
      for (const statement of statements) await this.#runOne(statement);
    } catch (error) {
      if (!(error instanceof UsageFailure) && !(error instanceof Interrupted)) throw error;
      process.stderr.write(`${error instanceof Interrupted ? 'Interrupted.' : error.message}\n`);
      this.#code = EXIT.usage;
    } finally {
      this.#isRunning = false;
    }
  }

  async #runOne(statement: Statement): Promise<void> {
    await checkStatements(this.#connection, [statement]);
    const result = await runStatement(this.#connection, statement);
    if (result === null) return;
    const note = (line: string) =>
      process.stderr.write(`${line.replace('use --format', 'use query --format')}\n`);
    for await (const text of formatted(result, { format: 'table', rawCsv: false }, note)) {
      process.stdout.write(text);
    }
  }

  #discard(): void {
    if (this.#isRunning) {
      this.#connection.interrupt();
      return;
    }
    this.#typed = '';
    process.stdout.write('\n');
    // Clears the line that is being typed: to its end, then to its start.
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    this.#prompt();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#connection.interrupt();
    this.#lines.close();
  }

  #prompt(): void {
    if (!this.#isTerminal) return;
    this.#lines.setPrompt(this.#typed === '' ? PROMPT : CONTINUATION);
    this.#lines.prompt();
  }
}
