import type { Mutant } from './mutant.ts';

/** Planted bugs in stored state and in `verify`. Most need months, another version or manual damage, so tests find them. */
export const STORED_STATE_MUTANTS: readonly Mutant[] = [
  {
    name: 'the state of a later version is read as its own',
    test: 'test/integration/cursors/versions.slow.test.ts',
    changes: [
      {
        file: 'shared/cursors/lease.ts',
        text: 'if (seen && seen.stateVersion > request.stateVersion) {',
        replacement: 'if (seen && seen.stateVersion < request.stateVersion) {',
      },
    ],
  },
  {
    name: 'unknown fields of a stored cursor are dropped',
    test: 'test/unit/engine/cursor-codec.test.ts',
    changes: [
      {
        file: 'shared/engine/cursor-codec.ts',
        text: 'const contentSchema = z.strictObject({',
        replacement: 'const contentSchema = z.object({',
      },
    ],
  },
  {
    name: 'a target that was removed long ago is forgotten',
    test: 'test/integration/engine/returning-targets.slow.test.ts',
    changes: [
      {
        file: 'shared/engine/listing.ts',
        text: '    if (isDormant(target)) target.state = dormant(target.state);\n',
        replacement:
          '    if (isDormant(target)) for (const [name, one] of cursor.targets) if (one === target) cursor.targets.delete(name);\n',
      },
    ],
  },
  {
    name: 'a state that is larger than an item loses its last part',
    test: 'test/unit/engine/cursor-codec.test.ts',
    changes: [
      {
        file: 'shared/engine/cursor-codec.ts',
        text: 'content: parts[number] ?? null });',
        replacement: 'content: number < parts.length - 1 ? (parts[number] ?? null) : null });',
      },
    ],
  },
  {
    name: 'verify does not look for missing objects',
    test: 'test/integration/cli/verify.slow.test.ts',
    changes: [
      {
        file: 'cli/verification/verify-objects.ts',
        text: '      if (await source.exists(key)) continue;\n',
        replacement: '      if (key) continue;\n',
      },
    ],
  },
  {
    name: 'verify accepts an empty object as a given-up one',
    test: 'test/integration/cli/verify.slow.test.ts',
    changes: [
      {
        file: 'cli/verification/verify-objects.ts',
        text: '  const sha256 = sha256Of(body);\n',
        replacement: '  const sha256 = sha256Of(body);\n  if (rows === 0) return;\n',
      },
    ],
  },
  {
    name: 'verify does not look at the numbers of commits',
    changes: [
      {
        file: 'cli/verification/verify-cursors.ts',
        text: '  if (!isKept) return;\n',
        replacement: '  if (isKept) return;\n',
      },
    ],
  },
  {
    name: 'verify does not look at the cursors of commits',
    test: 'test/integration/cli/verify-cursors.slow.test.ts',
    changes: [
      {
        file: 'cli/verification/recorded-history.ts',
        text: '      if (content === null) this.cursors.delete(id);\n',
        replacement: '      if (content !== undefined) this.cursors.delete(id);\n',
      },
    ],
  },
  {
    name: 'verify checks only what has a header',
    test: 'test/integration/cli/verify-cursors.slow.test.ts',
    changes: [
      {
        file: 'cli/verification/verify-lake.ts',
        text: 'for (const scope of await source.recordedScopes()) scopes.set(partitionOf(scope), scope);',
        replacement: '',
      },
    ],
  },
  {
    name: 'verify takes the start of a new table for a missing commit',
    changes: [
      {
        file: 'cli/verification/recorded-history.ts',
        text: 'if (isStart && (this.#mayEnd || isOfDeadRun)) return;',
        replacement: 'if (isStart && isOfDeadRun) return;',
      },
    ],
  },
  {
    name: 'verify does not count the rows of compacted days',
    test: 'test/integration/cli/verify-compacted.slow.test.ts',
    changes: [
      {
        file: 'cli/verification/verify-compacted.ts',
        text: "counted?.[0]?.['n'] !== rows",
        replacement: 'counted === null',
      },
    ],
  },
  {
    name: 'verify reads headers only before the records',
    test: 'test/integration/cli/verify-cursors.slow.test.ts',
    changes: [
      {
        file: 'cli/verification/verify-lake.ts',
        text: '    const headers = await source.headers();\n',
        replacement: '    const headers = before;\n',
      },
    ],
  },
  {
    name: 'verify passes over a record that cannot be read',
    test: 'test/integration/cli/verify-documents.slow.test.ts',
    changes: [
      {
        file: 'cli/verification/verify-objects.ts',
        text: "      findings.add('unreadable', { table: scope.dataset, day: null }, recordKey(scope, batch));\n",
        replacement: '',
      },
    ],
  },
];
