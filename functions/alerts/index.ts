import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { alertsDataset } from './collector.ts';

export const handler = datasetHandler(alertsDataset, () => lambdaRuntime(alertsDataset.name));
