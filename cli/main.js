#!/usr/bin/env node
// Plain JavaScript, because an older Node cannot read the other files and has to say so.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `atlas-lake: Node ${process.versions.node} cannot run it: start it with npm ("npx atlas-lake"), which has a newer one, or use Node 24.\n`,
  );
  process.exitCode = 2;
} else {
  // Caches compiled code on disk. Only modules that are imported after this call use it.
  module.enableCompileCache();
  const { run } = await import('./run.ts');
  await run();
}
