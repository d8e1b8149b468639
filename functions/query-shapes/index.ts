import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { queryShapesDataset } from './collector.ts';

export const handler = datasetHandler(queryShapesDataset, () => lambdaRuntime(queryShapesDataset.name));
