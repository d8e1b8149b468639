import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { diskMeasurements } from './dataset.ts';

export const handler = datasetHandler(diskMeasurements, () => lambdaRuntime(diskMeasurements.name));
