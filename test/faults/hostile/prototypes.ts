import { expect } from 'vitest';

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Map.prototype];

const before = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype));

/** Nothing has been added to what every object has. */
export function expectCleanPrototypes(): void {
  expect(PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype))).toEqual(before);
}
