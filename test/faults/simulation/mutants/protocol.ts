import type { Mutant } from './mutant.ts';

const BATCH = 'shared/engine/batch-writer.ts';
const LEASE = 'shared/cursors/lease.ts';
const STORE = 'shared/lake/object-store.ts';
const ANNOUNCE = '    await this.#lease.announce(objects.map(({ key, sha256 }) => ({ key, sha256 })));\n';
const COMMIT = '    await this.#lease.commit({ cursors, statistics, release: close !== null });\n';
const PUTS =
  '    await Promise.all(objects.map(({ key, body }) => limit(() => this.#tools.lake.create(key, body))));\n';
const RECORD =
  '    await log.write(scope, { batch, run, at: now(), objects: written, cursors, statistics });\n';

/** Planted bugs in the commit protocol, and in the handling of a failed target. */
export const PROTOCOL_MUTANTS: readonly Mutant[] = [
  {
    name: 'the cursor moves before the write',
    changes: [
      { file: BATCH, text: PUTS, replacement: '' },
      { file: BATCH, text: RECORD, replacement: RECORD + COMMIT.replace('close !== null', 'false') + PUTS },
      {
        file: BATCH,
        text: `    if (files.length > 0) await this.#write(files, cursors, statistics);\n${COMMIT}`,
        replacement: `    if (files.length > 0) await this.#write(files, cursors, statistics);\n${COMMIT.replace('{ cursors,', '{ cursors: files.length > 0 ? [] : cursors,')}`,
      },
    ],
  },
  {
    name: 'the cursor moves after some of the writes',
    changes: [{ file: BATCH, text: PUTS, replacement: PUTS.replace('Promise.all', 'Promise.allSettled') }],
  },
  {
    name: 'a failed answer counts as empty and moves the watermark',
    changes: [
      {
        file: 'shared/measurements/series-reading.ts',
        text: 'await fetch({ granularity: resolution.granularity, start, end });',
        replacement: 'await fetch({ granularity: resolution.granularity, start, end }).catch(() => []);',
      },
    ],
  },
  {
    name: 'a failed target is not reported',
    changes: [
      {
        file: 'shared/engine/target-loop.ts',
        text: '    this.#failures.push({ target: targetLabel(target), error: classified.error });\n',
        replacement: '',
      },
    ],
  },
  {
    name: "a dead run's objects are deleted instead of emptied",
    changes: [
      {
        file: STORE,
        text: "    if ((await this.createUnlessExists(key, empty)) === 'created') return true;\n",
        replacement:
          '    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));\n    if (key) return true;\n',
      },
      {
        file: STORE,
        text: '  GetObjectCommand,\n  HeadObject',
        replacement: '  DeleteObjectCommand,\n  GetObjectCommand,\n  HeadObject',
      },
    ],
  },
  {
    name: "a dead run's objects are left unchanged",
    changes: [
      {
        file: LEASE,
        text: 'const isOurs = !committed.has(object.key) && (await lake.empty(object));',
        replacement: 'const isOurs = !committed.has(object.key);',
      },
    ],
  },
  {
    name: 'a batch is given up without a marker in place of its record',
    changes: [
      {
        file: 'shared/lake/commit-log.ts',
        text: "    if ((await this.#objects.createUnlessExists(recordKey(scope, batch), body)) === 'created') return null;\n",
        replacement:
          '    if (body.length > 0 && !(await this.#objects.exists(recordKey(scope, batch)))) return null;\n',
      },
    ],
  },
  {
    name: "a dead run's batch is emptied although it is recorded",
    changes: [
      {
        file: LEASE,
        text: 'if (record && isOf(record, pending)) {',
        replacement: 'if (record && !isOf(record, pending)) {',
      },
      {
        file: LEASE,
        text: 'const committed = new Set(record?.objects.map(({ key }) => key));',
        replacement: 'const committed = new Set<string>();',
      },
    ],
  },
  {
    name: 'the record is written before the objects',
    changes: [
      { file: BATCH, text: RECORD, replacement: '' },
      {
        file: BATCH,
        text: PUTS,
        replacement: '',
      },
      {
        file: BATCH,
        text: '    const { log, run, now } = this.#tools;\n',
        replacement: `    const { log, run, now } = this.#tools;\n${RECORD}${PUTS}`,
      },
    ],
  },
  {
    name: 'a restored table is not compared with the lake',
    changes: [
      {
        file: LEASE,
        text: '    if (!isBehind) return;\n',
        replacement: '    if (isBehind || !isBehind) return;\n',
      },
    ],
  },
  {
    name: 'a new table is not compared with an existing lake',
    changes: [
      {
        file: LEASE,
        text: 'await lease.#catchUp(lake, header.batch === null ? null : lease.#header.batch, request);',
        replacement: 'await lease.#catchUp(lake, lease.#header.batch, request);',
      },
    ],
  },
  {
    name: 'a record of a lost table can arrive after a new table began',
    test: 'test/faults/protocol.test.ts',
    changes: [
      {
        file: LEASE,
        text: 'if (last !== undefined && (await lake.giveUp(this.scope, last + 1, [])) !== null) continue;',
        replacement: '',
      },
    ],
  },
  {
    name: 'a new table does not show where its numbers start',
    test: 'test/faults/protocol.test.ts',
    changes: [{ file: LEASE, text: 'await lake.giveUp(this.scope, batch, []);', replacement: '' }],
  },
  {
    name: 'a table that catches up takes the first record of each cursor',
    changes: [
      {
        file: 'shared/cursors/recovery.ts',
        text: '    for (const cursor of own) this.#cursors.set(cursor.id, cursor);\n',
        replacement:
          '    for (const cursor of own) if (!this.#cursors.has(cursor.id)) this.#cursors.set(cursor.id, cursor);\n',
      },
    ],
  },
  {
    name: 'a table that catches up skips a cursor',
    changes: [
      {
        file: LEASE,
        text: `        },
        cursors,
      );
      this.#recovered += commits;`,
        replacement: `        },
        cursors.slice(1),
      );
      this.#recovered += commits;`,
      },
    ],
  },
  {
    name: 'the writer cleans up after an unclear answer',
    changes: [
      {
        file: BATCH,
        text: COMMIT,
        replacement: `${COMMIT.trimEnd().slice(0, -1)}.catch(async (error: unknown) => {
      for (const { body: _, ...file } of files)
        await this.#tools.lake.empty(objectKey({ ...file, ...this.#lease.scope, batch: this.#lease.nextBatch, part: 0 }), null);
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
        file: LEASE,
        text: 'sequence: seen + 1, writtenBy',
        replacement: 'sequence: cursors.length > 0 ? seen : seen + 1, writtenBy',
      },
    ],
  },
  {
    name: 'the commit does not check the sequence',
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
    name: 'a lost answer counts as a failure, and the update is repeated',
    changes: [
      {
        file: LEASE,
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
    name: 'PUTs have no If-None-Match',
    changes: [{ file: STORE, text: "{ IfNoneMatch: '*' });", replacement: '{});' }],
  },
];
