import type { CursorStore } from './cursor-store.ts';
import type { CursorItem, Document } from './document.ts';
import { DynamoDbLimitError } from './dynamodb-limits.ts';
import { type Claim, claimed, type Header, type Scope } from './header.ts';

/** Where a dead run's objects are made harmless: the lake, seen from here. */
export interface Emptier {
  empty(key: string): Promise<void>;
}

export interface Commit {
  /** New contents; null deletes the item. */
  cursors: readonly { id: string; content: Document | null }[];
  ledger: Document;
  /** Gives the lease back with this commit. */
  release: boolean;
}

export type TakeOver = { kind: 'taken'; tenure: Tenure } | { kind: 'held'; leaseUntil: number };

/**
 * The time for which one run holds a dataset and project. The lease saves work; what makes it safe is that every
 * update of the header is conditional on the sequence last seen and raises it, so that a run that was taken over
 * can neither announce nor commit any more, whatever clocks say.
 */
export class Tenure {
  readonly scope: Scope;
  readonly #store: CursorStore;
  readonly #run: string;
  #header: Header;

  private constructor(store: CursorStore, scope: Scope, run: string, header: Header) {
    this.#store = store;
    this.scope = scope;
    this.#run = run;
    this.#header = header;
  }

  /**
   * Step 1 of the protocol. Takes the lease, empties what a dead run had announced, and returns with nothing
   * pending. What was emptied is noted in the ledger by the same update, so that it is reported even if this run dies.
   * @throws {TenureLostError} when another run was quicker.
   */
  static async takeOver(store: CursorStore, lake: Emptier, scope: Scope, claim: Claim): Promise<TakeOver> {
    const seen = await store.readHeader(scope);
    const header = claimed(seen, claim);
    if (!header) return { kind: 'held', leaseUntil: seen?.leaseUntil ?? claim.now };
    await writeHeader(store, scope, header, seen?.sequence ?? 0, []);
    const tenure = new Tenure(store, scope, claim.run, header);
    const emptied = header.pending;
    if (emptied.length > 0) {
      for (const key of emptied) await lake.empty(key);
      await tenure.#update({ pending: [], ledger: claim.withEmptied(header.ledger, emptied) }, []);
    }
    return { kind: 'taken', tenure };
  }

  /** What the engine stored with the last commit. */
  get ledger(): Document {
    return this.#header.ledger;
  }

  get sequence(): number {
    return this.#header.sequence;
  }

  /** The sequence that the next announcement will have: part of the keys that it names. */
  get nextSequence(): number {
    return this.#header.sequence + 1;
  }

  readCursors(): Promise<CursorItem[]> {
    return this.#store.readCursors(this.scope);
  }

  /** Step 2: names the objects that the batch will write. */
  async announce(keys: readonly string[]): Promise<void> {
    if (this.#header.pending.length > 0) throw new Error('a batch was announced over one that is pending');
    await this.#update({ pending: keys }, []);
  }

  /** Step 4: moves the cursors, and with them everything that was announced becomes part of the lake. */
  async commit({ cursors, ledger, release }: Commit): Promise<void> {
    await this.#update({ pending: [], ledger, ...(release && { owner: null, leaseUntil: 0 }) }, cursors);
  }

  async #update(change: Partial<Header>, cursors: Commit['cursors']): Promise<void> {
    const seen = this.#header.sequence;
    const next: Header = { ...this.#header, ...change, sequence: seen + 1, writtenBy: this.#run };
    await writeHeader(this.#store, this.scope, next, seen, cursors);
    this.#header = next;
  }
}

/**
 * An update whose answer is an error may have taken effect all the same: the SDK repeats requests whose answer was
 * lost, and the repetition meets a sequence that is already raised. So the header is read again, and only what it
 * says counts.
 * @throws {DynamoDbLimitError} for what DynamoDB would reject.
 */
async function writeHeader(
  store: CursorStore,
  scope: Scope,
  next: Header,
  seen: number,
  cursors: Commit['cursors'],
): Promise<void> {
  try {
    if (cursors.length === 0) await store.putHeader(scope, next, seen);
    else await store.putTogether(scope, next, seen, cursors);
  } catch (error) {
    // Nothing was sent.
    if (error instanceof DynamoDbLimitError) throw error;
    const stored = await store.readHeader(scope);
    if (stored?.sequence !== next.sequence || stored.writtenBy !== next.writtenBy) {
      throw new TenureLostError(scope, error);
    }
  }
}

/** An update of the header did not get through: another run has taken over, or DynamoDB did not answer. */
export class TenureLostError extends Error {
  override readonly name = 'TenureLostError';
  constructor(scope: Scope, cause: unknown) {
    super(`${scope.dataset} of project ${scope.project}: the header could not be updated`, { cause });
  }
}
