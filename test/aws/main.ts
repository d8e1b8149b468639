import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installDynamoDbLocal, installMoto } from './setup/install.ts';
import { type Server, startDynamoDbLocal, startMoto } from './setup/servers.ts';
import { missingTools } from './setup/tools.ts';

/**
 * `npm run test:aws` runs the suites of `vitest.config.ts` beside this file on AWS's own DynamoDB Local and on moto's S3 and
 * SQS. Arguments go to Vitest.
 */
const missing = missingTools();
if (missing.length > 0) {
  console.error(
    `npm run test:aws needs what is not there:\n${missing.map((name) => `  ${name}`).join('\n')}`,
  );
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
  process.exitCode = await vitest({
    ATLAS_LAKE_TEST_DYNAMODB: dynamodb.endpoint,
    ATLAS_LAKE_TEST_S3: moto.endpoint,
    ATLAS_LAKE_TEST_SQS: moto.endpoint,
  });
} finally {
  for (const server of servers) await server.close();
}

async function vitest(environment: Record<string, string>): Promise<number> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
  // Not the command of the same name: that takes the first Node of the PATH.
  const program = `${root}node_modules/vitest/vitest.mjs`;
  const child = spawn(
    process.execPath,
    [program, 'run', '--root', root, '--config', config, ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
  );
  // Ctrl-C reaches Vitest too, which ends in its own way; the servers end after it.
  process.on('SIGINT', () => {});
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
