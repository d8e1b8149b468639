import { datasetHandler } from '../../shared/lambda/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { inventory } from './dataset.ts';

export const handler = datasetHandler(inventory, () => lambdaRuntime(inventory.name));
