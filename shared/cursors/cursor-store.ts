import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { CursorItem, Document } from './document.ts';
import { decodeHeader, encodeHeader, type Header, type Scope } from './header.ts';

/** A transaction takes 100 items; one is the header. */
export const CURSORS_PER_COMMIT = 99;

/** DynamoDB's limit for one transaction is 4 MB; the rest is room for the header and the encoding. */
export const BYTES_PER_COMMIT = 3_500_000;

/** DynamoDB's limit for one item is 400 KB; the rest is room for its keys and the encoding. */
export const BYTES_PER_CURSOR = 350_000;

/** What one target can take at most, in as many items as that needs: they are written in one transaction. */
export const BYTES_PER_TARGET = 2_800_000;

/** The sort key of the header item. */
export const HEADER = 'header';
const CURSOR_PREFIX = 'cursor#';

/** The cursor table: partition key (dataset, project), in it one header item and the cursors. */
export class CursorStore {
  readonly #dynamodb: DynamoDBClient;
  readonly #table: string;

  constructor(dynamodb: DynamoDBClient, table: string) {
    this.#dynamodb = dynamodb;
    this.#table = table;
  }

  async readHeader(scope: Scope): Promise<Header | undefined> {
    const answer = await this.#dynamodb.send(
      new GetItemCommand({ TableName: this.#table, Key: key(scope, HEADER), ConsistentRead: true }),
    );
    return answer.Item && decodeHeader(unmarshall(answer.Item));
  }

  /** Strongly consistent, and in order of their ids. */
  async readCursors(scope: Scope): Promise<CursorItem[]> {
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

  /** Writes the header alone, if the stored one still has the sequence that was seen. */
  async putHeader(scope: Scope, header: Header, seen: number): Promise<void> {
    await this.#dynamodb.send(new PutItemCommand(this.#conditionalHeader(scope, header, seen)));
  }

  /** Writes the header and cursors in one transaction, on the same condition. `null` content deletes a cursor. */
  async putTogether(
    scope: Scope,
    header: Header,
    seen: number,
    cursors: readonly { id: string; content: Document | null }[],
  ): Promise<void> {
    await this.#dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: this.#conditionalHeader(scope, header, seen) },
          ...cursors.map(({ id, content }) => {
            const where = { TableName: this.#table };
            const cursorKey = key(scope, CURSOR_PREFIX + id);
            return content === null
              ? { Delete: { ...where, Key: cursorKey } }
              : { Put: { ...where, Item: { ...cursorKey, ...marshall({ content }) } } };
          }),
        ],
      }),
    );
  }

  #conditionalHeader(scope: Scope, header: Header, seen: number) {
    return {
      TableName: this.#table,
      Item: { ...key(scope, HEADER), ...marshall(encodeHeader(header)) },
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

function partition({ dataset, project }: Scope): string {
  return `${dataset}#${project}`;
}

function key(scope: Scope, sort: string): Record<string, AttributeValue> {
  return { pk: { S: partition(scope) }, sk: { S: sort } };
}
