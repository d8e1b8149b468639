import { awsTools } from './aws-tools.ts';
import { readEnvironment } from './environment.ts';
import type { DispatchRuntime } from './runtime.ts';

let shared: DispatchRuntime | undefined;

/** What `dispatch` works with in AWS; made once, and kept while the container lives. */
export async function dispatchRuntime(): Promise<DispatchRuntime> {
  shared ??= create();
  return shared;
}

function create(): DispatchRuntime {
  const { metrics, ...tools } = awsTools('dispatch', readEnvironment(process.env));
  return {
    ...tools,
    onRefused: (dataset) => metrics.refused(dataset),
    onUnreadable: (dataset, items) => metrics.unreadable(dataset, items),
  };
}
