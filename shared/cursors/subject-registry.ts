import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import pLimit from 'p-limit';
import * as z from 'zod';
import { type Subject, subjectOf } from '../ids.ts';
import { NewerStateError } from './versions.ts';

/** A project or organisation that a dataset has been dispatched to. */
export interface KnownSubject {
  subject: Subject;
  /** Null while Atlas lists it. */
  absence: Absence | null;
}

/** How ticks have missed a unit in Atlas's list, since one last saw it there. Instants in ms since the epoch. */
export interface Absence {
  /** When the first of them missed it. */
  since: number;
  /** How many ticks in a row; counted as far as it matters. */
  ticks: number;
  /** When a run was last sent to it. */
  sentAt: number;
}

/** The version of the stored form. */
const VERSION = 1;

const storedSchema = z.object({
  version: z.int(),
  unit: z.enum(['project', 'organisation']),
  id: z.string(),
  absence: z.object({ since: z.number(), ticks: z.int(), sentAt: z.number() }).nullable(),
});

/** Requests at a time: only a first tick writes many. */
const CONCURRENT_PUTS = 25;

/**
 * The projects and organisations of each dataset, in a partition of the cursor table of its own. So a tick finds those
 * that have cursors and have left Atlas's list, and nobody reads the whole table.
 */
export class SubjectRegistry {
  readonly #dynamodb: DynamoDBClient;
  readonly #table: string;

  constructor(dynamodb: DynamoDBClient, table: string) {
    this.#dynamodb = dynamodb;
    this.#table = table;
  }

  /** @throws {NewerStateError} when a newer version has written an item: what it means is not known here. */
  async read(dataset: string): Promise<KnownSubject[]> {
    const known: KnownSubject[] = [];
    const pages = paginateQuery(
      { client: this.#dynamodb },
      {
        TableName: this.#table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: partition(dataset) } },
      },
    );
    for await (const page of pages) {
      for (const item of page.Items ?? []) {
        const { version, unit, id, absence } = storedSchema.parse(unmarshall(item));
        if (version > VERSION) throw new NewerStateError(`the list of units of ${dataset}`, version, VERSION);
        const subject = subjectOf(unit, id);
        if (!subject) throw new Error(`the list of units of ${dataset} has an id that is none`);
        known.push({ subject, absence });
      }
    }
    return known;
  }

  /** Adds subjects that are not known. One that another tick has added meanwhile stays as it is. */
  async add(dataset: string, subjects: readonly KnownSubject[]): Promise<void> {
    await this.#put(dataset, subjects, { ConditionExpression: 'attribute_not_exists(pk)' });
  }

  /** Stores what has become of known subjects. Of two ticks at a time the last counts, and the next corrects it. */
  async update(dataset: string, subjects: readonly KnownSubject[]): Promise<void> {
    await this.#put(dataset, subjects, {});
  }

  async #put(
    dataset: string,
    subjects: readonly KnownSubject[],
    condition: { ConditionExpression?: string },
  ) {
    const limit = pLimit(CONCURRENT_PUTS);
    const puts = subjects.map(({ subject: { kind, id }, absence }) =>
      limit(async () => {
        const key = { pk: partition(dataset), sk: `${kind}#${id}` };
        const Item = marshall({ ...key, version: VERSION, unit: kind, id, absence });
        try {
          await this.#dynamodb.send(new PutItemCommand({ TableName: this.#table, Item, ...condition }));
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        }
      }),
    );
    await Promise.all(puts);
  }
}

function partition(dataset: string): string {
  return `units#${dataset}`;
}
