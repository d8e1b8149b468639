import { hash } from 'node:crypto';

/** Numbers of 32 bits that are kept of a hash. */
const WORDS = 2;

/** Share of the places that may be taken before there are twice as many. */
const FULL = 0.6;

/**
 * Counts texts by 64 bits of their hashes, in about 20 bytes each. The chance that one of ten million texts seems to be
 * one of ten million others is below one in 100,000.
 */
export class HashCounts {
  #places = 1024;
  #words = new Uint32Array(this.#places * WORDS);
  #counts = new Uint32Array(this.#places);
  #taken = 0;

  add(text: string): void {
    if (this.#taken >= this.#places * FULL) this.#grow();
    const [high, low] = wordsOf(text);
    const place = this.#placeOf(high, low);
    if (this.#counts[place] === 0) {
      this.#words[place * WORDS] = high;
      this.#words[place * WORDS + 1] = low;
      this.#taken += 1;
    }
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** Returns how often a text was added. */
  of(text: string): number {
    return this.#counts[this.#placeOf(...wordsOf(text))] ?? 0;
  }

  /** Returns the place of a hash, or the free place where it belongs. */
  #placeOf(high: number, low: number): number {
    let place = low % this.#places;
    while (this.#counts[place] !== 0) {
      if (this.#words[place * WORDS] === high && this.#words[place * WORDS + 1] === low) break;
      place = (place + 1) % this.#places;
    }
    return place;
  }

  #grow(): void {
    const [words, counts] = [this.#words, this.#counts];
    this.#places *= 2;
    this.#words = new Uint32Array(this.#places * WORDS);
    this.#counts = new Uint32Array(this.#places);
    for (const [from, count] of counts.entries()) {
      if (count === 0) continue;
      const [high = 0, low = 0] = words.subarray(from * WORDS, (from + 1) * WORDS);
      const place = this.#placeOf(high, low);
      this.#words[place * WORDS] = high;
      this.#words[place * WORDS + 1] = low;
      this.#counts[place] = count;
    }
  }
}

function wordsOf(text: string): [high: number, low: number] {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
