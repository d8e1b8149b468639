import { HOUR } from '../../shared/durations.ts';
import { defineDataset, SELF } from '../../shared/engine/dataset.ts';
import { snapshotCollector } from '../../shared/snapshots/snapshot-collector.ts';
import type { SnapshotList } from '../../shared/snapshots/snapshot-list.ts';
import { type SnapshotState, snapshotCodec } from '../../shared/snapshots/state.ts';
import { type QueryShapesSettings, queryShapesDeclaration } from './declaration.ts';
import { queryShapeRows } from './rows.ts';
import { queryShapes } from './tables.ts';

/** The query shapes of each cluster, hour by hour. */
export const queryShapesDataset = defineDataset<QueryShapesSettings, SnapshotState>(queryShapesDeclaration, {
  codec: () => snapshotCodec(0),
  collector: ({ settle, backfill }, subject) =>
    snapshotCollector([SHAPES], { interval: HOUR, settle, backfill, restMs: 0 }, subject),
});

const SHAPES: SnapshotList = {
  name: SELF,
  contents: 'query shapes',
  isOfWindow: true,
  async read(request) {
    const { atlas, project, cluster, from, to } = request;
    const shapes = await atlas.queryShapes(project, cluster, { start: from, end: to });
    return {
      tables: [{ table: queryShapes, rows: queryShapeRows(request, shapes) }],
      isEmpty: shapes.length === 0,
      unreadable: shapes.filter((shape) => shape === null).length,
    };
  },
};
