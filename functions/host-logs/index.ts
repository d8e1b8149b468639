import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { hostLogsDataset } from './collector.ts';

export const handler = datasetHandler(hostLogsDataset, () => lambdaRuntime(hostLogsDataset.name));
