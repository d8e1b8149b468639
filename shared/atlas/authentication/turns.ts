import { type CallContext, waitInContext } from '../call-context.ts';

/** Lets requests run together, or one at a time. */
export class Turns {
  /** Requests that run together and have not ended. */
  readonly #together = new Set<Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();

  /** Runs with others. Returns the function that ends the request's part. */
  join(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#together.add(promise);
    return () => {
      this.#together.delete(promise);
      resolve();
    };
  }

  /**
   * Waits until all earlier requests have ended.
   *
   * @returns the function that ends the turn
   * @throws AtlasDeadlineError when the deadline of the call comes first: the caller has no turn then, and the others
   *   go on
   */
  async take(context: CallContext): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = Promise.all([this.#last, ...this.#together]);
    this.#last = Promise.all([before, promise]);
    try {
      await waitInContext(before, context);
    } catch (error) {
      resolve();
      throw error;
    }
    return resolve;
  }
}
