/** The packages of one need, by a pattern of their names: what they are, and what installs them. */
const NEEDS: ReadonlyArray<[pattern: RegExp, what: string, install: string]> = [
  [/^@duckdb\//, 'DuckDB', '@duckdb/node-api'],
  [
    /^(@aws-sdk\/client-glue|aws-cdk-lib|cdk-nag|constructs|esbuild)$/,
    'packages for deployments',
    'aws-cdk aws-cdk-lib cdk-nag constructs esbuild @aws-sdk/client-glue',
  ],
];

/** Returns which optional package an error of an import misses, and how to install it; undefined for other errors. */
export function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code !== 'ERR_MODULE_NOT_FOUND' && error.code !== 'MODULE_NOT_FOUND') return undefined;
  // A file that is missing has a path instead of a name.
  const name = /'((?:@[\w.-]+\/)?\w[\w.-]*)(?:\/[^']*)?'/.exec(error.message)?.[1];
  const need = NEEDS.find(([pattern]) => name !== undefined && pattern.test(name));
  if (need === undefined) return undefined;
  const [, what, install] = need;
  return `this needs ${what}, and ${name} is not installed: run npm install ${install}`;
}
