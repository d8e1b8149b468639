import { datasetHandler } from '../../shared/lambda/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { costUsage } from './dataset.ts';

export const handler = datasetHandler(costUsage, () => lambdaRuntime(costUsage.name));
