import pLimit from 'p-limit';
import { isNotFound } from '../../shared/atlas/refusal.ts';
import type { PartFailure } from '../../shared/engine/dataset.ts';
import { classifyError } from '../../shared/engine/errors.ts';
import type { AlertConfigurationId, AlertId } from '../../shared/ids.ts';
import { fingerprint } from './fingerprint.ts';

/** Marks what Atlas no longer knows. */
export const GONE = Symbol('gone');

/** Marks what could not be read in this run. It may exist or not. */
export const UNREAD = Symbol('unread');

/** Concurrent requests of one run: as many as the engine sends for other datasets. */
const CONCURRENT_REQUESTS = 6;

/**
 * After so many failures a run sends no further requests of the kind, because each failure takes up to a minute of
 * retries. The next run sends them.
 */
const MAX_FAILURES = 5;

/** Requests of one kind, each for one id. A request that fails stops no other: its id is unread. */
export class ItemRequests<Id extends AlertId | AlertConfigurationId> {
  readonly failures: PartFailure[] = [];
  /** How many ids were not requested, because too many others failed. */
  notRequested = 0;
  readonly #pathOf: (id: Id) => string;
  /** Whether the run stops. */
  #isOver = false;

  /** @param pathOf names what is requested, as the paths of Atlas do */
  constructor(pathOf: (id: Id) => string) {
    this.#pathOf = pathOf;
  }

  /**
   * Requests all ids and passes each response on. Each run has another order, so that ids that always fail do not
   * displace others for good.
   *
   * @throws errors that stop the run, after all requests have ended
   */
  async send<T>(
    ids: readonly Id[],
    now: number,
    request: (id: Id) => Promise<T>,
    receive: (id: Id, response: T | typeof GONE | typeof UNREAD) => void,
  ): Promise<void> {
    const limit = pLimit(CONCURRENT_REQUESTS);
    const place = new Map(ids.map((id) => [id, fingerprint([id, now], 4)]));
    const order = [...ids].sort((a, b) => ((place.get(a) ?? '') < (place.get(b) ?? '') ? -1 : 1));
    const all = order.map((id) => limit(async () => receive(id, await this.#read(id, request))));
    // Waits for all even when one fails, because no request may outlive the step.
    await Promise.allSettled(all);
    await Promise.all(all);
  }

  async #read<T>(id: Id, request: (id: Id) => Promise<T>): Promise<T | typeof GONE | typeof UNREAD> {
    if (this.#isOver) return UNREAD;
    if (this.failures.length >= MAX_FAILURES) {
      this.notRequested += 1;
      return UNREAD;
    }
    try {
      return await request(id);
    } catch (error) {
      if (isNotFound(error)) return GONE;
      const classified = classifyError(error);
      if (classified.kind !== 'failure') {
        this.#isOver = true;
        throw error;
      }
      this.failures.push({ part: this.#pathOf(id), error: classified.error });
      return UNREAD;
    }
  }
}
