import { spawnSync } from 'node:child_process';

/** The tools that these suites need on a machine. Everything else is installed below the checkout. */
export interface Tool {
  name: string;
  command: readonly [string, ...string[]];
  /** Returns whether the command's output shows a suitable version. */
  suffices(output: string): boolean;
}

const version = (output: string, pattern: RegExp): number[] =>
  (pattern.exec(output)?.slice(1) ?? []).map(Number);

export const TOOLS: readonly Tool[] = [
  {
    name: 'Java 17 or later (for example: apt-get install openjdk-17-jre-headless)',
    command: ['java', '-version'],
    suffices: (output) => (version(output, /version "(\d+)/)[0] ?? 0) >= 17,
  },
  {
    name: 'Maven (for example: apt-get install maven)',
    command: ['mvn', '--version'],
    suffices: (output) => output.includes('Apache Maven'),
  },
  {
    name: 'Python 3.10 or later with its module venv (for example: apt-get install python3-venv)',
    command: ['python3', '-c', 'import ensurepip, sys, venv; print(*sys.version_info[:2])'],
    suffices(output) {
      const [major = 0, minor = 0] = version(output, /^(\d+) (\d+)/m);
      return major > 3 || (major === 3 && minor >= 10);
    },
  },
];

/** Returns the names of the tools that this machine lacks. */
export function missingTools(): string[] {
  return TOOLS.filter(({ command: [program, ...options], suffices }) => {
    const { status, stdout, stderr } = spawnSync(program, options, { encoding: 'utf8' });
    return status !== 0 || !suffices(stdout + stderr);
  }).map(({ name }) => name);
}
