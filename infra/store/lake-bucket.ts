import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type LifecycleRule,
  ObjectOwnership,
  StorageClass,
  TransitionDefaultMinimumObjectSize,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { parquetTable } from '../analysis/statements.ts';
import type { StackConfig } from '../configuration.ts';

/** What overwritten and deleted objects are kept for: long enough to notice a mistake, and to forget a person. */
const OLD_VERSIONS = Duration.days(30);

/** S3's cheaper classes charge for 128 KB at least: a smaller object is cheaper where it is. */
const SMALLEST_TO_MOVE = 128 * 1024;

const INFREQUENT_ACCESS_DAYS = 90;

/** How every bucket is made: closed, encrypted, reached by TLS 1.2 or later only. */
export const CLOSED_BUCKET = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
} as const satisfies BucketProps;

export interface LakeBucketProps {
  datasets: readonly DatasetDeclaration[];
  config: StackConfig;
  removalPolicy: RemovalPolicy;
}

/** The lake. What the runs themselves report (gaps, runs) is small and stays. */
export class LakeBucket extends Bucket {
  constructor(scope: Construct, id: string, { datasets, config, removalPolicy }: LakeBucketProps) {
    super(scope, id, {
      ...CLOSED_BUCKET,
      versioned: true,
      // S3's own rule beside ours, for whoever adds rules by hand.
      transitionDefaultMinimumObjectSize: TransitionDefaultMinimumObjectSize.ALL_STORAGE_CLASSES_128_K,
      lifecycleRules: [
        {
          id: 'OldVersions',
          noncurrentVersionExpiration: OLD_VERSIONS,
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        ...datasets.flatMap((dataset) => lifecycle(dataset, config)),
      ],
      removalPolicy,
    });
  }
}

/** The rules for the tables of a dataset. */
function lifecycle({ name, tables }: DatasetDeclaration, config: StackConfig): LifecycleRule[] {
  const { expireAfterDays, infrequentAccessAfterDays = INFREQUENT_ACCESS_DAYS } = config.datasets[name] ?? {};
  return tables.flatMap((table) => {
    const prefix = `${table.name}/`;
    const move: LifecycleRule = {
      id: `${table.name}-infrequent-access`,
      prefix,
      objectSizeGreaterThan: SMALLEST_TO_MOVE,
      transitions: [
        {
          storageClass: StorageClass.INFREQUENT_ACCESS,
          transitionAfter: Duration.days(infrequentAccessAfterDays),
        },
      ],
    };
    if (expireAfterDays === undefined) return [move];
    const expiration = Duration.days(expireAfterDays);
    const expire = [
      { id: `${table.name}-expire`, prefix, expiration },
      // Made from the same rows, some hours after them.
      { id: `${parquetTable(table.name)}-expire`, prefix: `${parquetTable(table.name)}/`, expiration },
    ];
    // What goes before it would be moved need not be moved.
    return expireAfterDays > infrequentAccessAfterDays ? [move, ...expire] : expire;
  });
}
