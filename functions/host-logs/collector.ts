import { logsDataset } from '../../shared/logs/logs-collector.ts';
import { hostLogsDeclaration } from './declaration.ts';
import { hostLogKind } from './log-kind.ts';

export const hostLogsDataset = logsDataset(hostLogsDeclaration, hostLogKind);
