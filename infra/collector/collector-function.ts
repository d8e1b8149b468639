import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, CfnFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import {
  LogLevel,
  NodejsFunction,
  type NodejsFunctionProps,
  OutputFormat,
} from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { MEMORY_MEGABYTES } from '../../shared/worker/limits.ts';
import { METRIC_NAMESPACE } from '../../shared/worker/metrics.ts';
import type { Encryption } from '../encryption.ts';
import { allowInterfaces, type Placement } from '../network/placement.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The files' extension: `.ts` in a clone, `.js` in a package. */
const EXTENSION = path.extname(import.meta.filename);

/** CommonJS dependencies call `require` for Node's own modules, but an ES module has no `require`. */
const REQUIRE_FOR_COMMONJS =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Credential providers left out of the bundle. Lambda passes credentials in the environment, which the SDK reads first;
 * it loads the providers for profiles, SSO and metadata services only when there are none.
 */
const OTHER_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** undici uses it only where WebAssembly has no SIMD. Every Lambda processor has SIMD. */
const PARSER_WITHOUT_SIMD = '../llhttp/llhttp-wasm.js';

/**
 * Number of malloc arenas. The default is eight for each processor; each keeps the memory that bodies and gzip used.
 * One arena saves a measurements function 20 to 30 MB (`npm run bench memory`). See M_ARENA_MAX in mallopt(3).
 */
const MALLOC_ARENA_MAX = '1';

/** Returns the variables that name the namespace of a function's metrics. The default needs none. */
export function metricsEnvironment(namespace: string): Record<string, string> {
  return namespace === METRIC_NAMESPACE ? {} : { METRIC_NAMESPACE: namespace };
}

export interface CollectorFunctionProps extends Omit<NodejsFunctionProps, 'entry' | 'role' | 'logGroup'> {
  /** The folder below `functions/` whose `index` exports the handler. */
  folder: string;
  environment: Record<string, string>;
  encryption: Encryption;
  /** Node options in addition to those of all functions. */
  nodeOptions?: readonly string[];
  /** If omitted, the function runs in Lambda's own network. */
  placement?: Placement | undefined;
}

/** A Lambda function of the collector. Initially, its role may only write its log. */
export class CollectorFunction extends Construct {
  readonly function: NodejsFunction;
  readonly role: Role;
  readonly log: LogGroup;
  readonly memoryMegabytes: number;

  constructor(scope: Construct, id: string, props: CollectorFunctionProps) {
    super(scope, id);
    const { folder, environment, nodeOptions = [], placement, encryption, ...overrides } = props;
    this.log = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...encryption.keyed,
    });
    // The default role has an AWS managed policy that allows writing to every log group.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.log.grantWrite(this.role);
    encryption.allow(this.role);
    this.memoryMegabytes = overrides.memorySize ?? MEMORY_MEGABYTES;
    this.function = new NodejsFunction(this, 'Function', {
      entry: `${PROJECT}functions/${folder}/index${EXTENSION}`,
      projectRoot: PROJECT,
      // A file must be here, but the CDK reads it only to install packages. A package has no lock file.
      depsLockFilePath: `${PROJECT}package.json`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: this.memoryMegabytes,
      timeout: Duration.minutes(5),
      loggingFormat: LoggingFormat.JSON,
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        minify: true,
        sourceMap: true,
        sourcesContent: false,
        // Lambda's own SDK changes without notice, and starts more slowly than a bundled one.
        bundleAwsSDK: true,
        externalModules: [...OTHER_CREDENTIALS, PARSER_WITHOUT_SIMD],
        // undici's switch for bundles: leaves out its second, experimental parser.
        define: { esbuildDetection: 'true' },
        logLevel: LogLevel.WARNING,
        banner: REQUIRE_FOR_COMMONJS,
      },
      ...overrides,
      role: this.role,
      logGroup: this.log,
      environment: {
        NODE_OPTIONS: ['--enable-source-maps', ...nodeOptions].join(' '),
        MALLOC_ARENA_MAX,
        ...environment,
      },
    });
    if (placement) this.#place(placement);
  }

  /** Sets the resource's property: CDK's own needs a VPC with everything that it would like to know of it. */
  #place({ subnetIds, securityGroupIds }: Placement): void {
    const { defaultChild } = this.function.node;
    if (!(defaultChild instanceof CfnFunction))
      throw new Error('a function must be a CloudFormation resource');
    defaultChild.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
    allowInterfaces(this.role);
  }
}
