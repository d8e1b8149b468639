import { datasetHandler } from '../../shared/lambda/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { accessLogsDataset } from './dataset.ts';

export const handler = datasetHandler(accessLogsDataset, () => lambdaRuntime(accessLogsDataset.name));
