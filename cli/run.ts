import { CommanderError } from '@commander-js/extra-typings';
import { explain } from './explain.ts';
import { EXIT } from './failure.ts';
import { Interrupted, watchForInterruption } from './interruption.ts';
import { printJsonFailure } from './json-output.ts';
import { endWithNpm } from './orphan-watch.ts';
import { watchOutput } from './output-watch.ts';
import { program } from './program.ts';

/** Runs the command line: its arguments are the process's own, and its errors become one line and an exit code. */
export async function run(): Promise<void> {
  endWithNpm();
  watchForInterruption();
  const output = watchOutput();
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  try {
    await program(
      (code) => {
        process.exitCode = code;
      },
      await datasetsForHelp(process.argv.slice(2)),
    ).parseAsync();
    await output.flushed();
    if (output.error() !== undefined) throw output.error();
  } catch (error) {
    fail(error);
    // What was interrupted may still wait for an answer of Atlas.
    if (error instanceof Interrupted) process.exit();
  }
}

/**
 * Returns what the help of `collect` says about datasets, if that help is requested. Their declarations take longer to load than
 * everything else that help needs.
 */
async function datasetsForHelp(args: readonly string[]): Promise<string> {
  const isAsked = args.includes('collect') && ['help', '--help', '-h'].some((word) => args.includes(word));
  if (!isAsked) return '';
  const { datasetHelp } = await import('./dataset-help.ts');
  return datasetHelp();
}

/** Prints one line for an error, sets the exit code, and with `--json` prints the one JSON object of the command. */
function fail(error: unknown): void {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  const { message, code } = error instanceof CommanderError ? ofCommander(error) : explain(error);
  process.exitCode = code;
  if (isHelp) return;
  // Commander has printed its own errors.
  if (!(error instanceof CommanderError)) process.stderr.write(`${message}\n`);
  printJsonFailure(message, code);
}

function ofCommander({ message, exitCode }: CommanderError): { message: string; code: number } {
  return {
    message: `atlas-lake: ${message.replace(/^error: /, '')}`,
    code: exitCode === 0 ? EXIT.done : EXIT.usage,
  };
}
