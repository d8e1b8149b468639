import { EXIT } from './failure.ts';

/** What Ctrl-C means for the running command. */
export interface Interruption {
  /** What became of the work, and what to do now. */
  message: string;
  /**
   * Stops the work, which then throws `Interrupted`. Without it, the process ends at once. A second Ctrl-C ends it in any
   * case.
   */
  stop?: () => void;
}

/** Work was stopped by Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('interrupted');
  }
}

let current: Interruption = { message: 'Interrupted.' };
let isStopping = false;

/** Says what Ctrl-C means from now on. */
export function onInterruption(interruption: Interruption): void {
  current = interruption;
  isStopping = false;
}

/** Returns the line to print after Ctrl-C. */
export function interruptionMessage(): string {
  return current.message;
}

/** Handles Ctrl-C until the process ends. */
export function watchForInterruption(): void {
  process.on('SIGINT', () => {
    const { message, stop } = current;
    if (stop && !isStopping) {
      isStopping = true;
      stop();
      return;
    }
    process.stderr.write(`\n${message}\n`);
    // A thread of DuckDB that is still busy would hold up a normal exit.
    if (stop) process.kill(process.pid, 'SIGKILL');
    process.exit(EXIT.interrupted);
  });
}
