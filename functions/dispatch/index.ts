import { dispatchRuntime } from '../../shared/worker/dispatch-runtime.ts';
import { datasets } from '../datasets.ts';
import { dispatchHandler } from './dispatch.ts';

export const handler = dispatchHandler(datasets, dispatchRuntime);
