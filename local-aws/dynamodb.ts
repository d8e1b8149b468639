import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { oneLine } from '../shared/one-line.ts';
import { freePort } from './free-port.ts';
import type { LocalService } from './service.ts';

/**
 * Controls the server's lifetime. It runs in a session of its own, so that Ctrl-C in the terminal does not stop it
 * while the parent still needs it. A line on the pipe stops it gracefully; the pipe's end kills it, even if the parent
 * dies.
 */
const SUPERVISOR = `
exec 3<&0 </dev/null
"$0" "$@" 3<&- &
server=$!
{ read -r _ <&3 && kill -TERM $server && read -r _ <&3; kill -KILL $server; } 2>/dev/null &
wait $server
status=$?
kill -KILL $! 2>/dev/null
exit $status
`;

/** Attempts to find a free port. Another process can take one before the server binds it. */
const PORT_TRIES = 5;

/** A graceful stop takes about 20 ms. Killing loses nothing, because each write is synced before it is acknowledged. */
const GRACEFUL_STOP_MS = 2_000;

/** Characters of the server's messages to keep, for errors. */
const KEPT_MESSAGES = 2_000;

/** There is no DynamoDB stand-in for this platform. */
export class NoLocalDynamoDbError extends Error {
  override readonly name = 'NoLocalDynamoDbError';
  constructor(platform: string, arch: string) {
    super(
      `There is no local DynamoDB stand-in for ${platform}-${arch}: start one of your own (for example DynamoDB Local) ` +
        'and set AWS_ENDPOINT_URL_DYNAMODB to its address.',
    );
  }
}

/**
 * Starts DynamoDB (dynoxide) on loopback, with its tables in the file `database`. It stops when this process ends, even
 * by SIGKILL. `close` fails if the server had stopped unexpectedly.
 *
 * @throws {NoLocalDynamoDbError} when there is no binary for this platform
 */
export async function startLocalDynamoDb(database: string): Promise<LocalService> {
  const binary = findDynoxide(process.platform, process.arch);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = launch(binary, port, database);
    const failure = await server.started;
    if (failure === undefined) return { endpoint: `http://127.0.0.1:${port}`, close: server.close };
    if (attempt === PORT_TRIES || !failure.includes('in use')) {
      throw new Error(`The local DynamoDB did not start: ${failure}`);
    }
  }
}

/** Returns the path of the binary for this platform. */
export function findDynoxide(platform: string, arch: string): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(`@dynoxide/${platform}-${arch}/package.json`);
    return path.join(path.dirname(manifest), 'dynoxide');
  } catch {
    throw new NoLocalDynamoDbError(platform, arch);
  }
}

interface Launched {
  /** Resolves to nothing once the server listens, or to the reason why it ended. */
  readonly started: Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

function launch(binary: string, port: number, database: string): Launched {
  const options = ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', database];
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, binary, ...options], {
    detached: true,
    // It needs no environment, and must not see the user's AWS credentials.
    env: {},
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  // Ignores the error of writing to a closed pipe: `ended` reports it.
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
      throw new Error(`The local DynamoDB stopped unexpectedly: ${await ended}`);
    }
    const killing = setTimeout(() => child.stdin.end(), GRACEFUL_STOP_MS);
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
    // Not 'exit': the pipe may still contain messages of the server then.
    const [code, signal] = await once(child, 'close');
    return signal === null ? `exit status ${code}` : `signal ${signal}`;
  } catch (error) {
    return String(error);
  }
}
