import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { inventory } from './dataset.ts';

export const handler = datasetHandler(inventory, () => lambdaRuntime(inventory.name));
