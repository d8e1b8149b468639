import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { alertHistory } from './dataset.ts';

export const handler = datasetHandler(alertHistory, () => lambdaRuntime(alertHistory.name));
