import { describe, expect, test } from 'vitest';
import { readHour } from '../../../functions/ranked-namespaces/reading.ts';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { AtlasApiError } from '../../../shared/atlas/errors.ts';
import { HOUR } from '../../../shared/durations.ts';
import { type ProjectId, processId } from '../../../shared/ids.ts';
import { T } from '../../support/times.ts';

const WHERE = { project: '6a793f5cc0eb9e7a177147ec' as ProjectId, process: processId('host.example:27017') };

function errorOf(status: number, errorCode: string) {
  const report = { status, errorCode, reason: 'x', detail: null };
  return new AtlasApiError(report, { operation: 'namespaceMeasurements', attempts: 1 });
}

const FAILS = errorOf(500, 'UNEXPECTED_ERROR');
const HAS_NONE = errorOf(404, 'COLLECTION_NOT_FOUND');
const EMPTY = { series: [], unreadable: 0, granularity: 'PT1M' };

/** Reads an hour in which the measurements of `shop.broken` fail, and those of `shop.other` have the given result. */
function read(other: typeof EMPTY | Error, failingFor: number) {
  const atlas: Partial<AtlasSession> = {
    rankedNamespaces: async () => ['shop.broken', 'shop.other'],
    namespaceMeasurements: async (_project, _process, _database, collection) => {
      const response = collection === 'broken' ? FAILS : other;
      if (response instanceof Error) throw response;
      return response;
    },
  };
  return readHour(atlas as AtlasSession, WHERE, T - HOUR, 10, failingFor, () => T);
}

describe('a namespace that fails for six hours', () => {
  test('is given up if Atlas returns another one', async () => {
    expect(await read(EMPTY, 6 * HOUR)).toMatchObject({
      kind: 'read',
      isGivenUp: true,
      lost: ['shop.broken (500 UNEXPECTED_ERROR)'],
    });
  });

  test.each([
    ['that Atlas has none for another one', HAS_NONE],
    ['that another one fails as well', FAILS],
  ])('is not given up because of the answer %s', async (_, other) => {
    expect(await read(other, 6 * HOUR)).toMatchObject({ kind: 'failed' });
    expect(await read(other, 36 * HOUR)).toMatchObject({ kind: 'read', isGivenUp: true });
  });

  test('is not given up earlier', async () => {
    expect(await read(EMPTY, 6 * HOUR - 1)).toMatchObject({ kind: 'failed' });
  });
});
