import { datasetHandler } from '../../shared/lambda/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { databaseMeasurements } from './dataset.ts';

export const handler = datasetHandler(databaseMeasurements, () => lambdaRuntime(databaseMeasurements.name));
