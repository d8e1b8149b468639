/**
 * The simulator's only source of randomness: a seeded hash. The same input gives the same number on every machine, so a
 * test can recompute every derived value.
 */

/**
 * Returns the 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain): each input bit changes half of the
 * output bits.
 */
export function mix(input: number): number {
  let hash = input;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Returns a 32-bit number for a text: FNV-1a (Fowler, Noll, Vo) over its UTF-16 units, then mixed. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash);
}

/** Returns a 32-bit number for a key and any whole number up to 2^53, including negative ones. */
export function hashAt(key: number, index: number): number {
  const high = Math.floor(index / 2 ** 32);
  return mix(mix(key ^ (index | 0)) + Math.imul(high + 1, 0x9e3779b1));
}

/** Returns `hashAt` as a fraction in [0, 1). */
export function fractionAt(key: number, index: number): number {
  return hashAt(key, index) / 2 ** 32;
}

/** Returns hexadecimal digits that identify the text. */
export function hexName(text: string, digits: number): string {
  let name = '';
  for (let part = 0; name.length < digits; part += 1) {
    name += hashText(`${part}/${text}`).toString(16).padStart(8, '0');
  }
  return name.slice(0, digits);
}

/** Returns six characters as in Atlas's host names, such as `zi8w28`. The first one is a letter. */
export function hostLabel(text: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let label = '';
  for (let index = 0; index < 6; index += 1) {
    label += letters.charAt(hashText(`${index}/${text}`) % (index === 0 ? 26 : 36));
  }
  return label;
}
