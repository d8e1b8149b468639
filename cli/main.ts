#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { CommanderError } from '@commander-js/extra-typings';
import { explain } from './explain.ts';
import { EXIT } from './failure.ts';
import { watchForInterruption } from './interruption.ts';
import { endWithNpm } from './orphan-watch.ts';
import { program } from './program.ts';

async function main(): Promise<void> {
  // Caches compiled code on disk, which halves the time of later starts.
  enableCompileCache();
  endWithNpm();
  watchForInterruption();
  try {
    await program((code) => {
      process.exitCode = code;
    }).parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    const { message, code } = explain(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = code;
  }
}

await main();
