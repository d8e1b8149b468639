import { datasetHandler } from '../../shared/lambda/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { diskMeasurements } from './dataset.ts';

export const handler = datasetHandler(diskMeasurements, () => lambdaRuntime(diskMeasurements.name));
