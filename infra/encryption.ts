import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { TableEncryption, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
import { QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { allow } from './permissions.ts';

/**
 * What a role needs to read and write with S3, SQS and Secrets Manager, and with DynamoDB, which encrypts its data key again
 * now and then. The services use the key with the permissions of their caller.
 */
const KEY_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** How a deployment encrypts what it stores: with a key of its owner, or with keys of AWS. */
export class Encryption {
  readonly key: IKey | undefined;

  /** @param keyArn the owner's key, whose policy the stack cannot change */
  constructor(scope: Construct, keyArn: string | undefined) {
    this.key = keyArn === undefined ? undefined : Key.fromKeyArn(scope, 'Key', keyArn);
  }

  get bucket(): Pick<BucketProps, 'encryption' | 'encryptionKey' | 'bucketKeyEnabled'> {
    if (!this.key) return { encryption: BucketEncryption.S3_MANAGED };
    // With a bucket key, S3 asks for a data key now and then, and not for each object.
    return { encryption: BucketEncryption.KMS, encryptionKey: this.key, bucketKeyEnabled: true };
  }

  get table(): Pick<TableProps, 'encryption' | 'encryptionKey'> {
    return this.key ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: this.key } : {};
  }

  get queue(): Pick<QueueProps, 'encryption' | 'encryptionMasterKey'> {
    return this.key
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: this.key }
      : { encryption: QueueEncryption.SQS_MANAGED };
  }

  /** The property of secrets and log groups. */
  get keyed(): { encryptionKey?: IKey } {
    return this.key ? { encryptionKey: this.key } : {};
  }

  /** For the results of queries. */
  get results(): CfnWorkGroup.EncryptionConfigurationProperty {
    return this.key
      ? { encryptionOption: 'SSE_KMS', kmsKey: this.key.keyArn }
      : { encryptionOption: 'SSE_S3' };
  }

  /** Allows a role to use the key, if there is one. */
  allow(role: IRole): void {
    if (this.key) allow(role, KEY_ACTIONS, [this.key.keyArn]);
  }
}
