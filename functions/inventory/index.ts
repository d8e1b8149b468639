import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { inventoryDataset } from './collector.ts';

export const handler = datasetHandler(inventoryDataset, () => lambdaRuntime(inventoryDataset.name));
