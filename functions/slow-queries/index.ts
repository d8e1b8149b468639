import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { slowQueriesDataset } from './collector.ts';

export const handler = datasetHandler(slowQueriesDataset, () => lambdaRuntime(slowQueriesDataset.name));
