import path from 'node:path';
import { findChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { CACHE } from '../support/servers/install.ts';
import type { Server } from '../support/servers/launch.ts';
import { installMoto, startMoto } from '../support/servers/moto.ts';
import { runVitest } from '../support/servers/run-vitest.ts';
import { MAVEN, missingTools } from '../support/servers/tools.ts';
import { findJdk, NO_JDK } from '../trino/setup/jdk.ts';
import { installTrino, startTrino } from '../trino/setup/trino-server.ts';
import { installSuperset, SUPERSET_PYTHON, startSuperset } from './setup/superset-server.ts';

/**
 * `npm run test:bi` imports the dashboard into Superset, which reads a lake in Trino, and looks at it in Chromium. It passes
 * its arguments to Vitest. Without the tools it skips the suite, except in CI, which skips no test.
 */
const jdk = findJdk();
const chromium = findChromium();
const missing = [
  missingTools([MAVEN, SUPERSET_PYTHON]),
  jdk === null ? `${NO_JDK}\n` : '',
  chromium === undefined ? `  ${NO_CHROMIUM}\n` : '',
].join('');
if (jdk === null || missing !== '') {
  console.error(`npm run test:bi is skipped without these tools:\n${missing}`);
  process.exit(process.env['CI'] ? 1 : 0);
}

const trinoFolder = installTrino();
const moto = installMoto();
const superset = installSuperset();
const screenshots = path.join(CACHE, 'screenshots');
const servers: Server[] = [];
const started = async (name: string, starting: Promise<Server>): Promise<Server> => {
  console.log(`Starting ${name} ...`);
  const server = await starting;
  servers.push(server);
  return server;
};
try {
  const aws = await started('moto', startMoto(moto));
  const trino = await started('Trino', startTrino(jdk, trinoFolder, aws.endpoint));
  const { endpoint } = await started('Superset', startSuperset(superset));
  process.exitCode = await runVitest(new URL('vitest.config.ts', import.meta.url), {
    ATLAS_LAKE_TEST_TRINO: trino.endpoint,
    ATLAS_LAKE_TEST_GLUE: aws.endpoint,
    ATLAS_LAKE_TEST_SUPERSET: endpoint,
    ATLAS_LAKE_TEST_SCREENSHOTS: screenshots,
  });
  console.log(`Pictures of the charts: ${path.relative(process.cwd(), screenshots)}`);
} finally {
  for (const server of servers.reverse()) await server.close();
}
