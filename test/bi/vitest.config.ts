import { defineConfig } from 'vitest/config';

/** Runs the suite on Superset. */
export default defineConfig({
  test: {
    include: ['test/bi/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
