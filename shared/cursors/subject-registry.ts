import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import pLimit from 'p-limit';
import * as z from 'zod';
import { type CredentialName, credentialField } from '../credential-name.ts';
import { type Subject, subjectOf } from '../ids.ts';
import { itemOf, putWithinLimits } from './dynamodb-limits.ts';
import { checkVersion } from './versions.ts';

/** A project or organisation that a dataset has been dispatched to. */
export interface KnownSubject {
  subject: Subject;
  /** The credential that last listed it. */
  credential: CredentialName;
  /** Null while Atlas lists it. */
  absence: Absence | null;
}

/**
 * How long Atlas's list has lacked a subject since a tick last saw it there. Instants in ms since the epoch.
 */
export interface Absence {
  /** When the first tick missed it. */
  since: number;
  /** Number of ticks in a row that missed it, counted only as far as it matters. */
  ticks: number;
  /** When a run was last sent to the subject. */
  sentAt: number;
}

/**
 * The version of the stored form. An item without the name of a credential has the first version. An earlier program must
 * not read one with a name: it would take the projects of every other credential for removed ones.
 */
const VERSION = 2;
const VERSION_WITHOUT_NAME = 1;

const storedSchema = z.object({
  unit: z.enum(['project', 'organisation']),
  id: z.string(),
  credential: z.string().nullable().default(null),
  absence: z.object({ since: z.number(), ticks: z.int(), sentAt: z.number() }).nullable(),
});

/** Maximum concurrent requests. Only a first tick writes many items. */
const CONCURRENT_PUTS = 25;

/**
 * The projects and organisations of each dataset, in a separate partition of the cursor table. A tick finds
 * those that have cursors and are missing from Atlas's list, without reading the whole table.
 */
export class SubjectRegistry {
  readonly #dynamodb: DynamoDBClient;
  readonly #table: string;

  constructor(dynamodb: DynamoDBClient, table: string) {
    this.#dynamodb = dynamodb;
    this.#table = table;
  }

  /**
   * Reads the known subjects of a dataset.
   * @throws {NewerStateError} if a later version wrote an item, because its meaning is unknown here
   */
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
        const stored = unmarshall(item);
        checkVersion(stored, `the subject registry of ${dataset}`, VERSION);
        const { unit, id, credential, absence } = storedSchema.parse(stored);
        const subject = subjectOf(unit, id);
        if (!subject) throw new Error(`the subject registry of ${dataset} contains an invalid id`);
        known.push({ subject, credential, absence });
      }
    }
    return known;
  }

  /** Adds unknown subjects. A subject that another tick added meanwhile stays as it is. */
  async add(dataset: string, subjects: readonly KnownSubject[]): Promise<void> {
    await this.#put(dataset, subjects, { ConditionExpression: 'attribute_not_exists(pk)' });
  }

  /**
   * Stores the absence and the credential of known subjects. If two ticks run at the same time, the last one counts, and the
   * next tick corrects it.
   */
  async update(dataset: string, subjects: readonly KnownSubject[]): Promise<void> {
    await this.#put(dataset, subjects, {});
  }

  async #put(
    dataset: string,
    subjects: readonly KnownSubject[],
    condition: { ConditionExpression?: string },
  ) {
    const limit = pLimit(CONCURRENT_PUTS);
    const puts = subjects.map(({ subject: { kind, id }, credential, absence }) =>
      limit(async () => {
        const key = { pk: { S: partition(dataset) }, sk: { S: `${kind}#${id}` } };
        const version = credential === null ? VERSION_WITHOUT_NAME : VERSION;
        const Item = itemOf(key, {
          version,
          unit: kind,
          id,
          ...credentialField(credential),
          absence: absence && { ...absence },
        });
        const put = putWithinLimits({ TableName: this.#table, Item, ...condition });
        try {
          await this.#dynamodb.send(new PutItemCommand(put));
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
