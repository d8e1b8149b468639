/** What became of the standard output. */
export interface OutputWatch {
  /** Resolves when everything that was written before is written or has failed. */
  flushed(): Promise<void>;
  /** The error that prevented output; undefined for a reader that closed its pipe. */
  error(): Error | undefined;
}

/**
 * Watches for output that cannot be written. A reader that closes its pipe, as in `… | head`, has what it wants: the work
 * goes on without output.
 */
export function watchOutput(): OutputWatch {
  let failure: Error | undefined;
  const onError = (error: Error) => {
    if (!('code' in error && error.code === 'EPIPE')) failure ??= error;
  };
  process.stdout.on('error', onError);
  // Nothing is left to tell it to.
  process.stderr.on('error', () => {});
  return {
    flushed: () => new Promise((resolve) => process.stdout.write('', () => setImmediate(resolve))),
    error: () => failure,
  };
}
