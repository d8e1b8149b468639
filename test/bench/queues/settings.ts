import { inOrderOfTick } from '../../../functions/dispatch/order.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import type { DatasetDeclaration } from '../../../shared/engine/declaration.ts';
import { covers } from '../../../shared/engine/redundancy.ts';
import {
  DISPATCH_PATIENCE_SECONDS,
  maxReceives,
  retentionSeconds,
  VISIBILITY_SECONDS,
} from '../../../shared/worker/limits.ts';
import type { Model, ModelledDataset } from './simulation.ts';

/** The average duration of a run in the model, s: about thirty requests to Atlas. */
export const RUN_SECONDS = 5;

type Rules = Pick<Model, 'order' | 'covers' | 'dispatchPatience'>;

/** The rules of the product. */
export const PRODUCT: Rules = {
  order: inOrderOfTick,
  covers,
  dispatchPatience: DISPATCH_PATIENCE_SECONDS * SECOND,
};

/** Returns a dataset with the stack's settings. */
export function deployed(
  {
    name,
    everyMinutes,
    offsetMinutes = 0,
  }: Pick<DatasetDeclaration, 'name' | 'everyMinutes' | 'offsetMinutes'>,
  concurrency: number,
): ModelledDataset {
  return {
    name,
    everyMinutes,
    offsetMinutes,
    concurrency,
    runSeconds: RUN_SECONDS,
    retention: retentionSeconds(everyMinutes) * SECOND,
    visibility: VISIBILITY_SECONDS * SECOND,
    maxReceives: maxReceives(everyMinutes),
  };
}

/** The rules of version 0.1.0: the order of the list, a run for each message, and little patience with `dispatch`. */
export const BEFORE: Rules = {
  order: (list) => [...list],
  covers: () => false,
  dispatchPatience: 15 * MINUTE,
};

/** Returns a dataset with the settings of version 0.1.0. */
export function deployedBefore({
  name,
  everyMinutes,
}: {
  name: string;
  everyMinutes: number;
}): ModelledDataset {
  return {
    name,
    everyMinutes,
    offsetMinutes: 0,
    concurrency: 10,
    runSeconds: RUN_SECONDS,
    retention: HOUR,
    visibility: 6 * MINUTE,
    maxReceives: 3,
  };
}
