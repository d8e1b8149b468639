import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { itemOf, putWithinLimits } from './dynamodb-limits.ts';

const KEY = { pk: { S: 'publication' }, sk: { S: 'lock' } };

/**
 * The lock of the Iceberg tables: one publication or erasure at a time. It saves work and keeps an erased person from
 * returning; a row is published once even without it, because statements compare natural keys.
 */
export class PublicationLock {
  readonly #dynamodb: DynamoDBClient;
  readonly #table: string;

  constructor(dynamodb: DynamoDBClient, table: string) {
    this.#dynamodb = dynamodb;
    this.#table = table;
  }

  /**
   * Takes the lock, or keeps it for the same owner.
   * @param now clock time, ms
   * @param until when the lock ends if its owner dies, clock time, ms
   * @returns false if another owner has it
   */
  async acquire(owner: string, { now, until }: { now: number; until: number }): Promise<boolean> {
    try {
      await this.#dynamodb.send(
        new PutItemCommand(
          putWithinLimits({
            TableName: this.#table,
            Item: itemOf(KEY, { owner, until }),
            ConditionExpression: 'attribute_not_exists(pk) OR #owner = :owner OR #until < :now',
            ExpressionAttributeNames: { '#owner': 'owner', '#until': 'until' },
            ExpressionAttributeValues: { ':owner': { S: owner }, ':now': { N: String(now) } },
          }),
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Gives the lock back, if this owner still has it. */
  async release(owner: string): Promise<void> {
    try {
      await this.#dynamodb.send(
        new DeleteItemCommand({
          TableName: this.#table,
          Key: KEY,
          ConditionExpression: '#owner = :owner',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':owner': { S: owner } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}
