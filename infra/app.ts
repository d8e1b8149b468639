import { ConfigError } from '../shared/config.ts';
import { missingPackage } from '../shared/missing-package.ts';

// The user must fix an invalid configuration or a missing package: print one line without a stack trace, and write no template.
try {
  // Imported here, because the CDK is an optional peer of the package.
  const { synthesize } = await import('./synthesis.ts');
  synthesize();
} catch (error) {
  const message = error instanceof ConfigError ? error.message : missingPackage(error);
  if (message === undefined) throw error;
  process.stderr.write(`atlas-lake: ${message}\n`);
  process.exitCode = 1;
}
