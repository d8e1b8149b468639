import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { CursorItem, Document } from './document.ts';
import { itemOf, putWithinLimits, transactionWithinLimits } from './dynamodb-limits.ts';
import { decodeHeader, encodeHeader, type Header, type PartitionKey } from './header.ts';

/** The sort key of the header item. */
export const HEADER = 'header';
const CURSOR_PREFIX = 'cursor#';

/** A cursor's new content; null deletes it. */
type Change = { id: string; content: Document | null };

/** The cursor table. Each partition (dataset and subject) holds one header item and its cursors. */
export class CursorStore {
  readonly #dynamodb: DynamoDBClient;
  readonly #table: string;

  constructor(dynamodb: DynamoDBClient, table: string) {
    this.#dynamodb = dynamodb;
    this.#table = table;
  }

  async readHeader(scope: PartitionKey): Promise<Header | undefined> {
    const response = await this.#dynamodb.send(
      new GetItemCommand({ TableName: this.#table, Key: key(scope, HEADER), ConsistentRead: true }),
    );
    return response.Item && decodeHeader(unmarshall(response.Item));
  }

  /** Reads the cursors, strongly consistent, in order of their ids. */
  async readCursors(scope: PartitionKey): Promise<CursorItem[]> {
    const items: CursorItem[] = [];
    const pages = paginateQuery(
      { client: this.#dynamodb },
      {
        TableName: this.#table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: partition(scope) }, ':prefix': { S: CURSOR_PREFIX } },
      },
    );
    for await (const page of pages) {
      for (const item of page.Items ?? []) {
        const { sk, content } = unmarshall(item);
        items.push({ id: String(sk).slice(CURSOR_PREFIX.length), content });
      }
    }
    return items;
  }

  /** Writes the header alone, if the stored header still has the sequence that was seen. */
  async putHeader(scope: PartitionKey, header: Header, seen: number): Promise<void> {
    await this.#dynamodb.send(
      new PutItemCommand(putWithinLimits(this.#conditionalHeader(scope, header, seen))),
    );
  }

  /**
   * Writes the header and cursors in one transaction, on the same condition. `null` content deletes a cursor.
   */
  async putTogether(
    scope: PartitionKey,
    header: Header,
    seen: number,
    cursors: readonly Change[],
  ): Promise<void> {
    const TransactItems = this.#transaction(scope, header, seen, cursors);
    await this.#dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
  }

  /**
   * Checks what `putTogether` would write, without writing.
   * @throws {DynamoDbLimitError}
   */
  check(scope: PartitionKey, header: Header, cursors: readonly Change[]): void {
    this.#transaction(scope, header, header.sequence, cursors);
  }

  #transaction(
    scope: PartitionKey,
    header: Header,
    seen: number,
    cursors: readonly Change[],
  ): TransactWriteItem[] {
    return transactionWithinLimits([
      { Put: this.#conditionalHeader(scope, header, seen) },
      ...cursors.map(({ id, content }) => {
        const where = { TableName: this.#table };
        const cursorKey = key(scope, CURSOR_PREFIX + id);
        return content === null
          ? { Delete: { ...where, Key: cursorKey } }
          : { Put: { ...where, Item: itemOf(cursorKey, { content }) } };
      }),
    ]);
  }

  #conditionalHeader(scope: PartitionKey, header: Header, seen: number) {
    return {
      TableName: this.#table,
      Item: itemOf(key(scope, HEADER), encodeHeader(header)),
      ...(seen === 0
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#sequence = :seen',
            ExpressionAttributeNames: { '#sequence': 'sequence' },
            ExpressionAttributeValues: { ':seen': { N: String(seen) } },
          }),
    };
  }
}

function partition({ dataset, subject }: PartitionKey): string {
  return `${dataset}#${subject}`;
}

function key(scope: PartitionKey, sort: string): Record<string, AttributeValue> {
  return { pk: { S: partition(scope) }, sk: { S: sort } };
}
