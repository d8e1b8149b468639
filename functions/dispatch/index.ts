import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { datasets } from '../datasets.ts';
import { dispatchHandler } from './dispatch.ts';

export const handler = dispatchHandler(datasets, () => lambdaRuntime('dispatch'));
