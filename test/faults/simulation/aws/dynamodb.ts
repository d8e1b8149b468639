import { MINUTE } from '../../../../shared/durations.ts';
import { rejectedItem, rejectedTransaction } from './dynamodb-rules.ts';
import { bytesOf, jsonError, jsonResponse, type SdkRequest, type SdkResponse } from './wire.ts';

/** An item in DynamoDB's JSON: `{"pk": {"S": "…"}}`. */
export type Item = Readonly<Record<string, Attribute>>;
export type Attribute = Readonly<Record<string, unknown>>;

interface Put {
  Item: Item;
  ConditionExpression?: string;
  ExpressionAttributeValues?: Readonly<Record<string, Attribute>>;
}

interface Change {
  Put?: Put;
  Delete?: { Key: Item };
}

/** Items that one request changed together, before and after. Undefined if there is no item. */
export type Changes = ReadonlyArray<{ before: Item | undefined; after: Item | undefined }>;

/** DynamoDB remembers a transaction's token for ten minutes. Within that time, the same request has no effect. */
const TOKEN_MEMORY = 10 * MINUTE;

/**
 * Simulates the collector's only table in memory. It is serialisable and supports only the collector's requests. Any other
 * request is an error, so that a new use of DynamoDB is noticed. It rejects what DynamoDB rejects (`dynamodb-rules.ts`).
 */
export class SimulatedDynamoDb {
  readonly #items = new Map<string, Item>();
  readonly #tokens = new Map<string, number>();
  readonly #now: () => number;
  readonly #onChange: (changes: Changes) => void;

  constructor(options: { now: () => number; onChange: (changes: Changes) => void }) {
    this.#now = options.now;
    this.#onChange = options.onChange;
  }

  get items(): readonly Item[] {
    return [...this.#items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  }

  /** Replaces this table by another one with these items. */
  restore(items: readonly Item[]): void {
    this.#items.clear();
    this.#tokens.clear();
    for (const item of items) this.#items.set(keyOf(item), item);
  }

  handle(request: SdkRequest): SdkResponse {
    const operation = operationOf(request);
    const input = JSON.parse(bytesOf(request.body).toString('utf8'));
    switch (operation) {
      case 'GetItem': {
        const item = this.#items.get(keyOf(input.Key));
        return jsonResponse(200, item ? { Item: item } : {});
      }
      case 'Query':
        return jsonResponse(200, { Items: this.#query(input) });
      case 'PutItem': {
        const rejected = rejectedItem(input.Item);
        if (rejected !== undefined) return jsonError(400, 'ValidationException', messageOf(rejected));
        if (!this.#holds(input)) return jsonError(400, 'ConditionalCheckFailedException');
        this.#apply([{ Put: input }]);
        return jsonResponse(200, {});
      }
      case 'TransactWriteItems':
        return this.#transact(input.TransactItems, input.ClientRequestToken);
      default:
        throw new Error(`the simulation has no DynamoDB operation ${operation}`);
    }
  }

  refuse(request: SdkRequest, fault: 'throttled' | 'failed' | 'conflict'): SdkResponse {
    if (fault === 'throttled') return jsonError(400, 'ProvisionedThroughputExceededException');
    if (fault === 'failed') return jsonError(500, 'InternalServerError');
    switch (operationOf(request)) {
      case 'PutItem':
        return jsonError(400, 'TransactionConflictException');
      case 'TransactWriteItems':
        return jsonError(400, 'TransactionCanceledException', {
          CancellationReasons: [{ Code: 'TransactionConflict', Message: 'ongoing' }],
        });
      default:
        return jsonError(500, 'InternalServerError');
    }
  }

  #query(input: { KeyConditionExpression: string; ExpressionAttributeValues: Record<string, Attribute> }) {
    const conditions = ['pk = :pk AND begins_with(sk, :prefix)', 'pk = :pk'];
    if (!conditions.includes(input.KeyConditionExpression)) {
      throw new Error(`the simulation does not know the condition ${input.KeyConditionExpression}`);
    }
    const { ':pk': partition, ':prefix': prefix } = input.ExpressionAttributeValues;
    return this.items.filter(
      ({ pk, sk }) =>
        pk?.['S'] === partition?.['S'] && String(sk?.['S']).startsWith(String(prefix?.['S'] ?? '')),
    );
  }

  #transact(changes: readonly Change[], token: string): SdkResponse {
    const items = changes.map(({ Put: put, Delete: deletion }) => put?.Item ?? deletion?.Key ?? {});
    const rejected = rejectedTransaction(items);
    if (rejected !== undefined) return jsonError(400, 'ValidationException', messageOf(rejected));
    const taken = this.#tokens.get(token);
    if (taken !== undefined && this.#now() - taken < TOKEN_MEMORY) return jsonResponse(200, {});
    if (!changes.every(({ Put: put }) => put === undefined || this.#holds(put))) {
      return jsonError(400, 'TransactionCanceledException', {
        CancellationReasons: changes.map(({ Put: put }) =>
          put === undefined || this.#holds(put) ? { Code: 'None' } : { Code: 'ConditionalCheckFailed' },
        ),
      });
    }
    this.#apply(changes);
    this.#tokens.set(token, this.#now());
    return jsonResponse(200, {});
  }

  #holds({ Item: item, ConditionExpression: condition, ExpressionAttributeValues: values }: Put): boolean {
    const stored = this.#items.get(keyOf(item));
    switch (condition) {
      case undefined:
        return true;
      case 'attribute_not_exists(pk)':
        return stored === undefined;
      case '#sequence = :seen':
        return stored?.['sequence']?.['N'] === values?.[':seen']?.['N'];
      default:
        throw new Error(`the simulation does not know the condition ${condition}`);
    }
  }

  #apply(changes: readonly Change[]): void {
    const done = changes.map(({ Put: put, Delete: deletion }) => {
      const key = keyOf(put?.Item ?? deletion?.Key ?? {});
      const before = this.#items.get(key);
      if (put) this.#items.set(key, put.Item);
      else this.#items.delete(key);
      return { before, after: put?.Item };
    });
    this.#onChange(done);
  }
}

export function operationOf({ headers }: SdkRequest): string {
  return headers['x-amz-target']?.split('.').at(-1) ?? '';
}

function messageOf(text: string): object {
  return { message: text, Message: text };
}

function keyOf({ pk, sk }: Item): string {
  if (typeof pk?.['S'] !== 'string' || typeof sk?.['S'] !== 'string') throw new Error('an item without keys');
  return `${pk['S']}\n${sk['S']}`;
}
