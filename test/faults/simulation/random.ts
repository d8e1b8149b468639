import { fractionAt } from '../../../simulator/hash.ts';

/** Generates random numbers from a seed. */
export class Random {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Returns a number in [0, 1). */
  fraction(): number {
    return fractionAt(this.#seed, this.#drawn++);
  }

  /** Returns an integer from 0 to `bound - 1`. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Returns a random element. @throws RangeError if the list is empty */
  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }
}
