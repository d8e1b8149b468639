import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { costUsage } from './dataset.ts';

export const handler = datasetHandler(costUsage, () => lambdaRuntime(costUsage.name));
