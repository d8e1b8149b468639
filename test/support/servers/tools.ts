import { spawnSync } from 'node:child_process';

/** A tool that a suite needs on a machine. Everything else is installed below the checkout. */
export interface Tool {
  name: string;
  command: readonly [string, ...string[]];
  /** Returns whether the command's output shows a suitable version. */
  suffices(output: string): boolean;
}

const version = (output: string, pattern: RegExp): number[] =>
  (pattern.exec(output)?.slice(1) ?? []).map(Number);

/** Returns the major version that `java -version` prints. Zero if it prints none. */
export const javaVersion = (output: string): number => version(output, /version "(\d+)/)[0] ?? 0;

export const JAVA: Tool = {
  name: 'Java 17 or later (for example: apt-get install openjdk-17-jre-headless)',
  command: ['java', '-version'],
  suffices: (output) => javaVersion(output) >= 17,
};

export const MAVEN: Tool = {
  name: 'Maven (for example: apt-get install maven)',
  command: ['mvn', '--version'],
  suffices: (output) => output.includes('Apache Maven'),
};

export const PYTHON: Tool = {
  name: 'Python 3.10 or later with its module venv (for example: apt-get install python3-venv)',
  command: ['python3', '-c', 'import ensurepip, sys, venv; print(*sys.version_info[:2])'],
  suffices(output) {
    const [major = 0, minor = 0] = version(output, /^(\d+) (\d+)/m);
    return major > 3 || (major === 3 && minor >= 10);
  },
};

/** Returns whether this machine has a tool. */
export function hasTool({ command: [program, ...options], suffices }: Tool): boolean {
  const { status, stdout, stderr } = spawnSync(program, options, { encoding: 'utf8' });
  return status === 0 && suffices(stdout + stderr);
}

/** Returns the names of the tools that this machine lacks, one in a line. */
export function missingTools(tools: readonly Tool[]): string {
  return tools
    .filter((tool) => !hasTool(tool))
    .map(({ name }) => `  ${name}\n`)
    .join('');
}
