import { dispatchRuntime } from '../../shared/worker/dispatch-runtime.ts';
import { declarations } from '../declarations.ts';
import { dispatchHandler } from './dispatch.ts';

export const handler = dispatchHandler(declarations, dispatchRuntime);
