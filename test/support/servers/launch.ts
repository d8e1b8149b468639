import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

export interface Server {
  endpoint: string;
  close(): Promise<void>;
}

/**
 * Kills the server when the pipe from its parent closes, so that no server outlives its parent. Ends when the server ends.
 */
const SUPERVISOR = [
  'exec 3<&0',
  '"$0" "$@" </dev/null 3<&- & server=$!',
  '{ read -r _ <&3; kill -KILL "$server"; } 2>/dev/null &',
  'wait "$server" 2>/dev/null',
].join('\n');

/** A Java process starts slowly on a busy machine. */
const START_MS = 60_000;

interface Launched {
  /** Returns the end of what the server printed. */
  output(): string;
  /** Waits for a result. Throws an error with the server's output if it exits or takes too long. */
  until<Result>(probe: () => Promise<Result | undefined>, milliseconds?: number): Promise<Result>;
  close(): Promise<void>;
}

/** Starts a server as a child process in a folder, with more environment variables. */
export function launch(
  program: string,
  options: readonly string[],
  folder?: string,
  environment: Readonly<Record<string, string>> = {},
): Launched {
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, program, ...options], {
    cwd: folder,
    env: { ...process.env, ...environment },
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
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const close = async () => {
    if (hasEnded()) return;
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
  return {
    output: () => output,
    async until(probe, milliseconds = START_MS) {
      const end = performance.now() + milliseconds;
      while (performance.now() < end && !hasEnded()) {
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
