import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { oneLine } from '../cli/one-line.ts';
import type { EmbeddedService } from './service.ts';

/**
 * Holds the server on a leash: it lives in a session of its own, so that Ctrl-C in the terminal leaves it to
 * finish what the parent still asks of it, and dies with the parent however that ends, since the kernel then
 * closes the pipe. A line on the pipe asks for an orderly end, the pipe's end kills.
 */
const LEASH = `
exec 3<&0 </dev/null
"$0" "$@" 3<&- &
server=$!
{ read -r _ <&3 && kill -TERM $server && read -r _ <&3; kill -KILL $server; } 2>/dev/null &
wait $server
status=$?
kill -KILL $! 2>/dev/null
exit $status
`;

/** A free port can be lost to another process before the server has bound it. */
const PORT_TRIES = 5;

/** An orderly end takes some 20 ms; nothing is lost by killing, since each write is synced before it is acknowledged. */
const ORDERLY_END_MS = 2_000;

/** The messages of the server that are kept, to explain why it ended. */
const KEPT_MESSAGES = 2_000;

/** There is no DynamoDB stand-in for this platform. */
export class NoEmbeddedDynamoDbError extends Error {
  override readonly name = 'NoEmbeddedDynamoDbError';
  constructor(platform: string, arch: string) {
    super(
      `There is no embedded DynamoDB for ${platform}-${arch}: start one of your own (for example DynamoDB Local) ` +
        'and set AWS_ENDPOINT_URL_DYNAMODB to its address.',
    );
  }
}

/**
 * Starts DynamoDB (dynoxide) on loopback, its tables in the file `database`. It ends when this process ends,
 * even by SIGKILL.
 *
 * `close` fails if the server had ended on its own before.
 * @throws {NoEmbeddedDynamoDbError} when there is no binary for this platform.
 */
export async function startEmbeddedDynamoDb(database: string): Promise<EmbeddedService> {
  const binary = findDynoxide(process.platform, process.arch);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = launch(binary, port, database);
    const failure = await server.started;
    if (failure === undefined) return { endpoint: `http://127.0.0.1:${port}`, close: server.close };
    if (attempt === PORT_TRIES || !failure.includes('in use')) {
      throw new Error(`The embedded DynamoDB did not start: ${failure}`);
    }
  }
}

/** Where the binary is that was installed for this platform. */
export function findDynoxide(platform: string, arch: string): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(`@dynoxide/${platform}-${arch}/package.json`);
    return path.join(path.dirname(manifest), 'dynoxide');
  } catch {
    throw new NoEmbeddedDynamoDbError(platform, arch);
  }
}

interface Launched {
  /** Settles with nothing once it listens, or with why it ended before. */
  readonly started: Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

function launch(binary: string, port: number, database: string): Launched {
  const options = ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', database];
  const child = spawn('/bin/sh', ['-c', LEASH, binary, ...options], {
    detached: true,
    // It needs nothing of the environment, least of all the user's AWS credentials.
    env: {},
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  // Writing to a leash whose other end has gone is no news: `ended` tells.
  child.stdin.on('error', () => {});

  let messages = '';
  const ended = endOf(child).then((how) => `${oneLine(messages)} (${how})`);
  const listens = new Promise<undefined>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      messages = (messages + text).slice(-KEPT_MESSAGES);
      if (/^Dynoxide listening on .*\n/m.test(messages)) resolve(undefined);
    });
  });

  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The embedded DynamoDB ended before its time: ${await ended}`);
    }
    const killing = setTimeout(() => child.stdin.end(), ORDERLY_END_MS);
    child.stdin.write('\n');
    await ended;
    clearTimeout(killing);
  };
  let ending: Promise<void> | undefined;
  const close = () => {
    ending ??= end();
    return ending;
  };
  return { started: Promise.race([listens, ended]), close };
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    // Not 'exit': what the server had to say may still be in the pipe then.
    const [code, signal] = await once(child, 'close');
    return signal === null ? `exit status ${code}` : `signal ${signal}`;
  } catch (error) {
    return String(error);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  probe.close();
  await once(probe, 'close');
  return address.port;
}
