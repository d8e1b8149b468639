import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Left to itself, it keeps one core of two for a watcher that is not there.
    maxWorkers: '100%',
    // Integration tests start real servers and child processes; two cores are shared by all of them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
