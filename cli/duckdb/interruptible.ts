import type { DuckDBConnection } from '@duckdb/node-api';
import { Interrupted, stopOnInterruption } from '../interruption.ts';

/** Between two interruptions, ms. A statement that starts just after the first one would not notice it. */
const INTERRUPT_AGAIN = 50;

/**
 * Lets Ctrl-C interrupt work on a connection. While a statement runs, the process could not end. The work gets a signal
 * for what waits for something else.
 */
export async function interruptible<Result>(
  connection: DuckDBConnection,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const release = stopOnInterruption(() => {
    controller.abort();
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), INTERRUPT_AGAIN);
  });
  try {
    const result = await work(controller.signal);
    if (controller.signal.aborted) throw new Interrupted();
    return result;
  } finally {
    clearInterval(timer);
    release();
  }
}
