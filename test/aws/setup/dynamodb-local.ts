import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../local-aws/free-port.ts';
import { copyJars, installed } from '../../support/servers/install.ts';
import { launch, type Server } from '../../support/servers/launch.ts';

/** Installs this version of DynamoDB Local unless it is installed. Returns the folder of its jars. */
export function installDynamoDbLocal(): string {
  const pom = fileURLToPath(new URL('pom.xml', import.meta.url));
  return installed('dynamodb-local', [pom], (folder) => copyJars(pom, folder));
}

/** Starts AWS's DynamoDB Local in memory. */
export async function startDynamoDbLocal(jars: string): Promise<Server> {
  const port = await freePort();
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
  const server = launch('java', ['-Xmx1g', '-cp', path.join(jars, '*'), main, ...options]);
  const endpoint = `http://127.0.0.1:${port}`;
  await server.until(async () => (await answers(endpoint)) || undefined);
  return { endpoint, close: server.close };
}

/** Returns whether an HTTP server answers at an address. */
async function answers(endpoint: string): Promise<boolean> {
  try {
    await (await fetch(endpoint)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
