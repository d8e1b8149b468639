import { defineConfig } from 'vitest/config';

/** Runs the suites that also support DynamoDB Local and moto: the store, the protocol, and each dataset. */
export default defineConfig({
  test: {
    include: [
      'test/aws/*.test.ts',
      'test/faults/protocol.test.ts',
      'test/faults/kill.slow.test.ts',
      'test/integration/engine/continuation.test.ts',
      'test/integration/engine/every-dataset.test.ts',
      'test/integration/cost-usage/costs.slow.test.ts',
      'test/integration/ranked-namespaces/completeness.slow.test.ts',
      'test/integration/worker/work-queues.test.ts',
    ],
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
