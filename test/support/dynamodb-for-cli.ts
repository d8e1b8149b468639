import { DeleteTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { CURSOR_TABLE } from '../../cli/local-aws.ts';
import { startLocalDynamoDb } from '../../local-aws/dynamodb.ts';
import type { LocalService } from '../../local-aws/service.ts';
import { EXTERNAL_AWS, EXTERNAL_CREDENTIALS } from './external-aws.ts';

/**
 * Starts a DynamoDB without the command line's table. It outlives the processes of a test. Only one test file at a time can
 * use an external DynamoDB, because the table's name is always the same.
 */
export async function startDynamoDbForCli(database: string): Promise<LocalService> {
  if (!EXTERNAL_AWS) return startLocalDynamoDb(database);
  const endpoint = EXTERNAL_AWS.dynamodb;
  const client = new DynamoDBClient({ region: 'us-east-1', endpoint, credentials: EXTERNAL_CREDENTIALS });
  try {
    await client.send(new DeleteTableCommand({ TableName: CURSOR_TABLE }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  } finally {
    client.destroy();
  }
  return { endpoint, close: async () => {} };
}
