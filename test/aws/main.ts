import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installDynamoDbLocal, installMoto } from './setup/install.ts';
import { type Server, startDynamoDbLocal, startMoto } from './setup/servers.ts';
import { missingTools } from './setup/tools.ts';

/**
 * `npm run test:aws` runs the suites of `vitest.config.ts` in this folder with AWS's own DynamoDB Local and with moto's S3
 * and SQS. It passes its arguments to Vitest.
 */
const missing = missingTools();
if (missing.length > 0) {
  console.error(
    `npm run test:aws needs these missing tools:\n${missing.map((name) => `  ${name}`).join('\n')}`,
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
  // The command `vitest` would use the first Node in the PATH instead of this one.
  const program = `${root}node_modules/vitest/vitest.mjs`;
  const child = spawn(
    process.execPath,
    [program, 'run', '--root', root, '--config', config, ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
  );
  // Ctrl-C also reaches Vitest, which stops first. The servers stop after it.
  process.on('SIGINT', () => {});
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
