import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  type BucketProps,
  type LifecycleRule,
  ObjectOwnership,
  StorageClass,
  TransitionDefaultMinimumObjectSize,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StackConfig } from '../../shared/deployment/configuration.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import type { Encryption } from '../encryption.ts';

/** How long S3 keeps overwritten and deleted objects: long enough to undo a mistake, short enough to erase a person. */
const OLD_VERSIONS = Duration.days(30);

/** Bytes. The cheaper classes charge for at least 128 KB, so a smaller object is cheaper in S3 Standard. */
const SMALLEST_TO_MOVE = 128 * 1024;

const INFREQUENT_ACCESS_DAYS = 90;

/** The properties of every bucket: not public, and reachable only with TLS 1.2 or later. */
export const CLOSED_BUCKET = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
} as const satisfies BucketProps;

export interface LakeBucketProps {
  datasets: readonly DatasetDeclaration[];
  config: StackConfig;
  encryption: Encryption;
  removalPolicy: RemovalPolicy;
}

/** The lake's bucket. The tables of gaps and runs are small and have no lifecycle rules. */
export class LakeBucket extends Bucket {
  constructor(
    scope: Construct,
    id: string,
    { datasets, config, encryption, removalPolicy }: LakeBucketProps,
  ) {
    super(scope, id, {
      ...CLOSED_BUCKET,
      ...encryption.bucket,
      versioned: true,
      // S3's default also protects rules that someone adds manually.
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

/** Returns the lifecycle rules for the tables of a dataset. */
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
    // The publication deletes the same rows from the Iceberg table.
    const expire = [{ id: `${table.name}-expire`, prefix, expiration }];
    // An object that expires before it would move needs no transition.
    return expireAfterDays > infrequentAccessAfterDays ? [move, ...expire] : expire;
  });
}
