import type { Server } from '../support/servers/launch.ts';
import { installMoto, startMoto } from '../support/servers/moto.ts';
import { runVitest } from '../support/servers/run-vitest.ts';
import { JAVA, MAVEN, missingTools, PYTHON } from '../support/servers/tools.ts';
import { installDynamoDbLocal, startDynamoDbLocal } from './setup/dynamodb-local.ts';

/**
 * `npm run test:aws` runs the suites of `vitest.config.ts` in this folder with AWS's own DynamoDB Local and with moto's S3
 * and SQS. It passes its arguments to Vitest.
 */
const missing = missingTools([JAVA, MAVEN, PYTHON]);
if (missing !== '') {
  console.error(`npm run test:aws needs these missing tools:\n${missing}`);
  process.exit(1);
}

const jars = installDynamoDbLocal();
const python = installMoto();
const servers: Server[] = [];
try {
  const dynamodb = await startDynamoDbLocal(jars);
  servers.push(dynamodb);
  const moto = await startMoto(python);
  servers.push(moto);
  process.exitCode = await runVitest(new URL('vitest.config.ts', import.meta.url), {
    ATLAS_LAKE_TEST_DYNAMODB: dynamodb.endpoint,
    ATLAS_LAKE_TEST_S3: moto.endpoint,
    ATLAS_LAKE_TEST_SQS: moto.endpoint,
  });
} finally {
  for (const server of servers) await server.close();
}
