import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { databaseMeasurements } from './dataset.ts';

export const handler = datasetHandler(databaseMeasurements, () => lambdaRuntime(databaseMeasurements.name));
