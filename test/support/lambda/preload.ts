import { registerHooks } from 'node:module';

/**
 * Loaded before AWS's runtime interface client: gives it the stand-in for its native part, and sets the function's
 * clock, since the simulated Atlas has a time of its own.
 */

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== './rapid-client.node') return nextResolve(specifier, context);
    return { url: new URL('./rapid-client.ts', import.meta.url).href, shortCircuit: true };
  },
});

const offset = Number(process.env['TEST_CLOCK_OFFSET']);
const realNow = Date.now;
Date.now = () => realNow() + offset;
