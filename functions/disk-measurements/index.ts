import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { diskMeasurementsDataset } from './collector.ts';

export const handler = datasetHandler(diskMeasurementsDataset, () =>
  lambdaRuntime(diskMeasurementsDataset.name),
);
