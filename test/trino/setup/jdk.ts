import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { hasTool, javaVersion } from '../../support/servers/tools.ts';

/** The oldest Java that runs this version of Trino. */
const OLDEST = 24;

export const NO_JDK = `  a JDK of version ${OLDEST} or later (for example: Temurin 25. Set JAVA_HOME if it is not in a usual folder)`;

/** Folders that contain one folder for each JDK. */
const FOLDERS = [
  '/usr/lib/jvm',
  '/opt',
  path.join(homedir(), '.sdkman/candidates/java'),
  path.join(homedir(), '.jdks'),
];

/** The JDKs of macOS are one level deeper. */
const MAC = '/Library/Java/JavaVirtualMachines';

/** Returns the home of a JDK that runs Trino. Null if this machine has none. */
export function findJdk(): string | null {
  const variables = Object.entries(process.env).filter(([name]) => /^(JAVA_HOME|JDK)/.test(name));
  const homes = [
    ...variables.flatMap(([, home]) => home ?? []),
    ...FOLDERS.flatMap(foldersIn),
    ...foldersIn(MAC).map((folder) => path.join(folder, 'Contents/Home')),
  ];
  return homes.find(suffices) ?? null;
}

/** A runtime without a compiler does not suffice, because Java compiles `Main.java` when the server starts. */
function suffices(home: string): boolean {
  if (!existsSync(path.join(home, 'bin/javac'))) return false;
  return hasTool({
    name: home,
    command: [path.join(home, 'bin/java'), '-version'],
    suffices: (output) => javaVersion(output) >= OLDEST,
  });
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => path.join(folder, name));
}
