import type { Server } from '../support/servers/launch.ts';
import { installMoto, startMoto } from '../support/servers/moto.ts';
import { runVitest } from '../support/servers/run-vitest.ts';
import { MAVEN, missingTools, PYTHON } from '../support/servers/tools.ts';
import { findJdk, NO_JDK } from './setup/jdk.ts';
import { installTrino, startTrino } from './setup/trino-server.ts';

/**
 * `npm run test:trino` runs the suite of `vitest.config.ts` in this folder on Trino, with moto's Glue and S3. It passes its
 * arguments to Vitest. Without the tools it skips the suite, except in CI, which skips no test.
 */
const jdk = findJdk();
const missing = [missingTools([MAVEN, PYTHON]), jdk === null ? NO_JDK : ''].join('');
if (jdk === null || missing !== '') {
  console.error(`npm run test:trino is skipped without these tools:\n${missing}`);
  process.exit(process.env['CI'] ? 1 : 0);
}

const trinoFolder = installTrino();
const python = installMoto();
const servers: Server[] = [];
try {
  const moto = await startMoto(python);
  servers.push(moto);
  const trino = await startTrino(jdk, trinoFolder, moto.endpoint);
  servers.push(trino);
  process.exitCode = await runVitest(new URL('vitest.config.ts', import.meta.url), {
    ATLAS_LAKE_TEST_TRINO: trino.endpoint,
    ATLAS_LAKE_TEST_GLUE: moto.endpoint,
  });
} finally {
  for (const server of servers.reverse()) await server.close();
}
