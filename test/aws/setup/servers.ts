import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../local-aws/free-port.ts';
import { MINUTE } from '../../../shared/durations.ts';

export interface Server {
  endpoint: string;
  close(): Promise<void>;
}

/** Kills the server when the pipe from its parent closes, so that no server outlives its parent. */
const LEASH = '"$0" "$@" </dev/null & server=$!; read -r _; kill -KILL "$server"; wait "$server" 2>/dev/null';

/** A Java process starts slowly on a busy machine. */
const START_MS = MINUTE;

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

/** Starts moto's S3 and SQS. */
export async function startMoto(python: string): Promise<Server> {
  const script = fileURLToPath(new URL('moto_server.py', import.meta.url));
  const server = launch(python, [script]);
  const port = await server.until(async () => /^listening on (\d+)$/m.exec(server.output())?.[1]);
  return { endpoint: `http://127.0.0.1:${port}`, close: server.close };
}

interface Launched {
  output(): string;
  /** Waits for a result. Throws an error with the server's output if it exits or takes too long. */
  until<Result>(probe: () => Promise<Result | undefined>): Promise<Result>;
  close(): Promise<void>;
}

function launch(program: string, options: readonly string[]): Launched {
  const child = spawn('/bin/sh', ['-c', LEASH, program, ...options], {
    // Ctrl-C in a terminal must stop the tests first.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  let output = '';
  // Reads all output, because a server blocks when its pipe is full.
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
  return {
    output: () => output,
    async until(probe) {
      const end = performance.now() + START_MS;
      while (performance.now() < end) {
        const result = await probe();
        if (result !== undefined) return result;
        await setTimeout(100);
      }
      await close();
      throw new Error(`${program} did not start: ${output}`);
    },
    close,
  };
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
