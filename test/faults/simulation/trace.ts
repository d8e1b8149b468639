/** Records a history, one line for each step. Two simulations of one history give the same lines. */
export class Trace {
  readonly lines: string[] = [];
  readonly #kept: boolean;

  constructor(kept: boolean) {
    this.#kept = kept;
  }

  add(now: number, text: string): void {
    if (this.#kept) this.lines.push(`${new Date(now).toISOString()} ${text}`);
  }
}
