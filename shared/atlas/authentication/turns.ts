import { type CallContext, waitInContext } from '../call-context.ts';

/** Lets requests go together, or one after the other. */
export class Turns {
  /** All that began to go together, and have not ended. */
  readonly #together = new Set<Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();

  /** Goes with others. Returns what ends it. */
  join(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#together.add(promise);
    return () => {
      this.#together.delete(promise);
      resolve();
    };
  }

  /**
   * Waits until all that came before have ended.
   *
   * @returns what ends the turn
   * @throws AtlasDeadlineError when the scope's deadline comes first: then there is no turn, and the others go on
   */
  async take(scope: CallContext): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = Promise.all([this.#last, ...this.#together]);
    this.#last = Promise.all([before, promise]);
    try {
      await waitInContext(before, scope);
    } catch (error) {
      resolve();
      throw error;
    }
    return resolve;
  }
}
