import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startRuntimeApi } from './runtime-api.ts';

const CLIENT = fileURLToPath(new URL('../../../node_modules/aws-lambda-ric/index.mjs', import.meta.url));
const PRELOAD = fileURLToPath(new URL('./preload.ts', import.meta.url));

export interface FunctionProcess {
  /** @throws {InvocationError} if the function throws */
  invoke(event: unknown): Promise<unknown>;
  /** Returns everything that the function logged. */
  logged(): string;
  /** Returns the peak resident memory of the process, in bytes. */
  peakMemory(): Promise<number>;
  stop(): Promise<void>;
}

/** Runs a bundle under AWS's runtime interface client, in a separate process with only the given environment. */
export async function startFunction(options: {
  /** The folder that Lambda would unpack the bundle to. */
  folder: string;
  handler: string;
  timeoutSeconds: number;
  environment: Record<string, string>;
  /** How far the function's clock is ahead of the machine's, in ms. */
  clockOffset: number;
}): Promise<FunctionProcess> {
  const { folder, handler, timeoutSeconds, environment, clockOffset } = options;
  const api = await startRuntimeApi({
    functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:test',
    timeoutSeconds,
    now: () => Date.now() + clockOffset,
  });
  const child = spawn(process.execPath, ['--import', PRELOAD, CLIENT, handler], {
    cwd: folder,
    env: {
      ...environment,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: folder,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: 'test',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: 'test',
      AWS_LAMBDA_LOG_STREAM_NAME: 'test',
      TEST_CLOCK_OFFSET: String(clockOffset),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const died = once(child, 'exit').then(() => {
    throw new Error(`the function's process ended: ${log.slice(-2000)}`);
  });
  // Invocations await this promise. Without an invocation, an end is not an error.
  died.catch(() => {});
  return {
    invoke: (event) => Promise.race([api.invoke(event), died]),
    logged: () => log,
    async peakMemory() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
    },
    async stop() {
      child.kill('SIGKILL');
      await died.catch(() => {});
      await api.close();
    },
  };
}
