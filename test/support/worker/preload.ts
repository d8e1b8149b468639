import { registerHooks } from 'node:module';

/**
 * Prepares AWS's runtime interface client before it loads: replaces its native part by a stand-in, and sets the function's
 * clock to the time of the simulated Atlas.
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
