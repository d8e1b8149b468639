import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { processMeasurementsDataset } from './collector.ts';

export const handler = datasetHandler(processMeasurementsDataset, () =>
  lambdaRuntime(processMeasurementsDataset.name),
);
