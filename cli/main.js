#!/usr/bin/env node
// Plain JavaScript, because an older Node cannot read the other files and has to say so.
import { existsSync } from 'node:fs';
import module from 'node:module';

// A package has compiled files, because Node strips no types below node_modules.
const isClone = existsSync(new URL('run.ts', import.meta.url));

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  const advice = isClone ? 'start it with npm ("npx atlas-lake"), which has a newer one, or use' : 'use';
  process.stderr.write(`atlas-lake: Node ${process.versions.node} cannot run it: ${advice} Node 24.\n`);
  process.exitCode = 2;
} else {
  // Node 22 warns on each start that its SQLite is experimental. Cron would send that by mail.
  const [print] = process.listeners('warning');
  process.removeAllListeners('warning').on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') print?.(warning);
  });
  // Caches compiled code on disk. Only modules that are imported after this call use it.
  module.enableCompileCache();
  const { run } = await import(isClone ? './run.ts' : '../dist/cli/run.js');
  await run();
}
