import { EXIT } from './failure.ts';
import { printJsonFailure } from './json-output.ts';

/** Work was stopped by Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('interrupted');
  }
}

let message = 'Interrupted.';
let stop: (() => void) | undefined;
let isStopping = false;

/** Sets the line that Ctrl-C prints: what became of the work, and what to do now. */
export function onInterruption(line: string): void {
  message = line;
}

/** Returns the line to print after Ctrl-C. */
export function interruptionMessage(): string {
  return message;
}

/**
 * Lets Ctrl-C stop work, which then throws `Interrupted`, instead of ending the process at once. A second Ctrl-C ends it
 * in any case. Returns a function that ends this.
 */
export function stopOnInterruption(how: () => void): () => void {
  const before = stop;
  stop = how;
  return () => {
    stop = before;
  };
}

/** Handles Ctrl-C until the process ends. */
export function watchForInterruption(): void {
  process.on('SIGINT', () => {
    if (stop && !isStopping) {
      isStopping = true;
      stop();
      return;
    }
    process.stderr.write(`\n${message}\n`);
    printJsonFailure(message, EXIT.interrupted);
    // A thread of DuckDB that is still busy would hold up a normal exit.
    if (stop) process.kill(process.pid, 'SIGKILL');
    process.exit(EXIT.interrupted);
  });
}
