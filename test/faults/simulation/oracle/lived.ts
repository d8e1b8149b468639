import type { Organisation } from '../../../../simulator/organisation.ts';
import type { History } from '../history.ts';
import type { World } from '../world.ts';
import type { Lake } from './lake.ts';

/** A history that was lived through, and what came of it. */
export interface Lived {
  history: History;
  organisation: Organisation;
  world: World;
  lake: Lake;
}
