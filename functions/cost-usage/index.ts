import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { costUsageDataset } from './collector.ts';

export const handler = datasetHandler(costUsageDataset, () => lambdaRuntime(costUsageDataset.name));
