import { expect } from 'vitest';

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Map.prototype];

const before = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype));

/** Checks that no property was added to a built-in prototype. */
export function expectCleanPrototypes(): void {
  expect(PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype))).toEqual(before);
}
