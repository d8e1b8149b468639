import * as z from 'zod';
import type { FinishedRun } from '../../../shared/engine/run-result.ts';
import type { Log } from '../../../shared/worker/runtime.ts';
import type { SeenRequest } from '../../support/fault-proxy.ts';
import type { TickUsage } from './usage.ts';

/** The log bytes of a run from Lambda and the line of metrics, without our own lines. */
const LOG_BYTES_PER_RUN = 2_000;

/** The bytes that the logger adds to each line. */
const LOG_BYTES_PER_LINE = 250;

/** DynamoDB bills each written KB, twice in a transaction, and each 4 KB of a strongly consistent read. */
const WRITE_UNIT = 1024;
const READ_UNIT = 4096;

const attribute = z.object({ S: z.string() });
const item = z.looseObject({ pk: attribute, sk: attribute });

/** The parts of DynamoDB requests that determine their size. */
const requestSchema = z.object({
  Key: item.optional(),
  Item: item.optional(),
  ExpressionAttributeValues: z.looseObject({ ':pk': attribute.optional() }).optional(),
  TransactItems: z
    .array(
      z.object({
        Put: z.object({ Item: item }).optional(),
        Delete: z.object({ Key: item }).optional(),
      }),
    )
    .optional(),
});

type Item = z.infer<typeof item>;

/** Counts what AWS would bill for each dataset and subject, from its requests. Their sizes are slightly too large. */
export class Meter {
  readonly log: Log;
  /** By dataset and subject, with `#` between them as in the cursor table. */
  readonly #counts = new Map<string, TickUsage>();
  /** The bytes to and from Atlas, of the runs and of `dispatch`, by dataset. */
  readonly #runBytes = new Map<string, number>();
  readonly #dispatchBytes = new Map<string, number>();
  /** The bytes of each item, by partition and sort key. */
  readonly #stored = new Map<string, Map<string, number>>();

  constructor() {
    const line = (message: string, fields: Record<string, unknown> = {}) => {
      // Subjects are in the field `project`. Lines of `dispatch` have none.
      const { dataset, project } = fields;
      if (typeof dataset !== 'string' || typeof project !== 'string') return;
      this.#of(`${dataset}#${project}`).logBytes +=
        JSON.stringify({ message, ...fields }).length + LOG_BYTES_PER_LINE;
    };
    this.log = { debug: () => {}, info: line, warn: line, error: line };
  }

  finished({ dataset, subject, requests, rows }: FinishedRun): void {
    const counts = this.#of(`${dataset}#${subject.id}`);
    counts.runs += 1;
    counts.requests += requests;
    counts.rows += rows;
    counts.logBytes += LOG_BYTES_PER_RUN;
  }

  /** Counts a request to S3. */
  s3({ method, path, body }: SeenRequest): void {
    const [, recorded, of] = /\/_commits\/(\w+)\/([0-9a-f]{24})\//.exec(path) ?? [];
    if (recorded !== undefined) this.#record(`${recorded}#${of}`, method, body.length);
    const [, subject, dataset] =
      /\/([0-9a-f]{24})-(\w+)-\d{10}-\d+\.json\.gz/.exec(decodeURIComponent(path)) ?? [];
    if (method !== 'PUT' || dataset === undefined) return;
    const counts = this.#of(`${dataset}#${subject}`);
    counts.objects += 1;
    counts.bytes += body.length;
  }

  /** Counts a request to DynamoDB. */
  dynamodb({ body }: SeenRequest): void {
    const request = requestSchema.parse(JSON.parse(body.toString('utf8')));
    if (request.Item) this.#write(request.Item, 1);
    else if (request.Key) this.#of(request.Key.pk.S).readUnits += 1;
    for (const { Put, Delete } of request.TransactItems ?? []) {
      if (Put) this.#write(Put.Item, 2);
      if (Delete) this.#write(Delete.Key, 2);
    }
    const partition = request.ExpressionAttributeValues?.[':pk']?.S;
    if (partition === undefined || request.Item || request.TransactItems) return;
    const sizes = [...(this.#stored.get(partition)?.values() ?? [])];
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    this.#of(partition).readUnits += Math.max(1, Math.ceil(bytes / READ_UNIT));
  }

  /** Counts bytes to and from Atlas: those of `dispatch`, and those of the runs of one tick. */
  atlas(dataset: string, { dispatch, runs }: { dispatch: number; runs: number }): void {
    this.#dispatchBytes.set(dataset, (this.#dispatchBytes.get(dataset) ?? 0) + dispatch);
    this.#runBytes.set(dataset, (this.#runBytes.get(dataset) ?? 0) + runs);
  }

  /** Resets all counts. */
  reset(): void {
    for (const counts of [this.#counts, this.#runBytes, this.#dispatchBytes]) counts.clear();
  }

  /** Returns the average bytes to and from Atlas of a tick in `dispatch`. */
  averageDispatchBytes(dataset: string, ticks: number): number {
    return (this.#dispatchBytes.get(dataset) ?? 0) / ticks;
  }

  /**
   * Returns the average usage of a tick of a subject; null if it had no run. Subjects run at the same time, so bytes to and from
   * Atlas are shared out by their requests.
   */
  average(dataset: string, subject: string, ticks: number): TickUsage | null {
    const counts = this.#of(`${dataset}#${subject}`);
    if (counts.runs === 0) return null;
    const requests = [...this.#counts]
      .filter(([key]) => key.startsWith(`${dataset}#`))
      .reduce((sum, [, other]) => sum + other.requests, 0);
    const share = requests === 0 ? 0 : counts.requests / requests;
    return {
      runs: counts.runs / ticks,
      requests: counts.requests / ticks,
      atlasBytes: (share * (this.#runBytes.get(dataset) ?? 0)) / ticks,
      rows: counts.rows / ticks,
      objects: counts.objects / ticks,
      bytes: counts.bytes / ticks,
      records: counts.records / ticks,
      recordBytes: counts.recordBytes / ticks,
      recordChecks: counts.recordChecks / ticks,
      writeUnits: counts.writeUnits / ticks,
      readUnits: counts.readUnits / ticks,
      logBytes: counts.logBytes / ticks,
    };
  }

  #record(of: string, method: string, bytes: number): void {
    const counts = this.#of(of);
    if (method === 'HEAD') counts.recordChecks += 1;
    if (method !== 'PUT') return;
    counts.records += 1;
    counts.recordBytes += bytes;
  }

  #write(written: Item, times: number): void {
    const size = JSON.stringify(written).length;
    const partition = this.#stored.get(written.pk.S) ?? new Map<string, number>();
    this.#stored.set(written.pk.S, partition.set(written.sk.S, size));
    this.#of(written.pk.S).writeUnits += times * Math.ceil(size / WRITE_UNIT);
  }

  #of(datasetAndSubject: string): TickUsage {
    const known = this.#counts.get(datasetAndSubject);
    if (known) return known;
    const none: TickUsage = {
      runs: 0,
      requests: 0,
      atlasBytes: 0,
      rows: 0,
      objects: 0,
      bytes: 0,
      records: 0,
      recordBytes: 0,
      recordChecks: 0,
      writeUnits: 0,
      readUnits: 0,
      logBytes: 0,
    };
    this.#counts.set(datasetAndSubject, none);
    return none;
  }
}
