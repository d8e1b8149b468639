import { datasetHandler } from '../../shared/lambda/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { alertHistory } from './dataset.ts';

export const handler = datasetHandler(alertHistory, () => lambdaRuntime(alertHistory.name));
