import type { Mutant } from './mutant.ts';

const BATCH = 'shared/collection/batch-writer.ts';
const TENURE = 'shared/cursors/tenure.ts';
const STORE = 'shared/lake/object-store.ts';
const ANNOUNCE = '      await this.#tenure.announce(objects.map(({ key }) => key));\n';
const COMMIT = '    await this.#tenure.commit({ cursors, ledger, release: close !== null });\n';
const PUTS =
  '      await Promise.all(objects.map(({ key, body }) => limit(() => this.#lake.create(key, body))));\n';

/** Mistakes of the commit protocol, and of what becomes of a target that fails. */
export const PROTOCOL_MUTANTS: readonly Mutant[] = [
  {
    name: 'the cursor moves before the write',
    changes: [
      { file: BATCH, text: PUTS, replacement: '' },
      {
        file: BATCH,
        text: COMMIT,
        replacement: `${COMMIT}    await Promise.all(objects.map(({ key, body }) => this.#lake.create(key, body)));\n`,
      },
    ],
  },
  {
    name: 'the cursor moves after a part of the writes',
    changes: [{ file: BATCH, text: PUTS, replacement: PUTS.replace('Promise.all', 'Promise.allSettled') }],
  },
  {
    name: 'an answer that failed counts as empty, and moves the mark',
    changes: [
      {
        file: 'shared/collection/series-reading.ts',
        text: 'return fetch({ granularity: level.granularity, start, end: to });',
        replacement: 'return fetch({ granularity: level.granularity, start, end: to }).catch(() => []);',
      },
    ],
  },
  {
    name: 'a failed target is not reported',
    changes: [
      {
        file: 'shared/collection/target-loop.ts',
        text: '    this.#failures.push({ target: label(known), error: trouble.error });\n',
        replacement: '',
      },
    ],
  },
  {
    name: "a dead run's objects are deleted instead of emptied",
    changes: [
      {
        file: STORE,
        text: "    const checksum = createHash('sha256').update(EMPTY_GZIP).digest('base64');\n    await this.#put(key, EMPTY_GZIP, checksum, {});",
        replacement: '    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));',
      },
      { file: STORE, text: 'import { HeadObject', replacement: 'import { DeleteObjectCommand, HeadObject' },
    ],
  },
  {
    name: "a dead run's objects are left as they are",
    changes: [
      { file: TENURE, text: 'for (const key of emptied) await lake.empty(key);', replacement: 'void lake;' },
    ],
  },
  {
    name: 'the writer cleans up after an unclear answer',
    changes: [
      {
        file: BATCH,
        text: COMMIT,
        replacement: `${COMMIT.trimEnd().slice(0, -1)}.catch(async (error: unknown) => {
      for (const { key } of objects) await this.#lake.empty(key);
      throw error;
    });
`,
      },
    ],
  },
  {
    name: 'the commit does not raise the sequence',
    changes: [
      {
        file: TENURE,
        text: 'sequence: seen + 1, writtenBy',
        replacement: 'sequence: cursors.length > 0 ? seen : seen + 1, writtenBy',
      },
    ],
  },
  {
    name: 'the commit does not ask for the sequence',
    changes: [
      {
        file: 'shared/cursors/cursor-store.ts',
        text: '{ Put: this.#conditionalHeader(scope, header, seen) }',
        replacement:
          '{ Put: { TableName: this.#table, Item: this.#conditionalHeader(scope, header, seen).Item } }',
      },
    ],
  },
  {
    name: 'a lost answer is taken for a failure, and the update repeated',
    changes: [
      {
        file: TENURE,
        text: '    const stored = await store.readHeader(scope);\n    if (',
        replacement:
          '    const stored = await store.readHeader(scope);\n    if (stored) return store.putTogether(scope, { ...next, sequence: stored.sequence + 1 }, stored.sequence, cursors);\n    if (',
      },
    ],
  },
  {
    name: 'a batch is announced after it is written',
    changes: [
      { file: BATCH, text: ANNOUNCE, replacement: '' },
      { file: BATCH, text: PUTS, replacement: PUTS + ANNOUNCE },
    ],
  },
  {
    name: 'If-None-Match is left out',
    changes: [{ file: STORE, text: "{ IfNoneMatch: '*' });", replacement: '{});' }],
  },
];
