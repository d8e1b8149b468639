import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { accessLogsDataset } from './collector.ts';

export const handler = datasetHandler(accessLogsDataset, () => lambdaRuntime(accessLogsDataset.name));
