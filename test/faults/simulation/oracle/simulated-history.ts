import type { Organisation } from '../../../../simulator/organisation.ts';
import type { History } from '../history.ts';
import type { World } from '../world.ts';
import type { Lake } from './lake.ts';

/** A simulated history and its result. */
export interface SimulatedHistory {
  history: History;
  organisation: Organisation;
  world: World;
  lake: Lake;
}
