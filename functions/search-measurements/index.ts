import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { searchMeasurementsDataset } from './collector.ts';

export const handler = datasetHandler(searchMeasurementsDataset, () =>
  lambdaRuntime(searchMeasurementsDataset.name),
);
