import { logsDataset } from '../../shared/logs/logs-collector.ts';
import { auditLogsDeclaration } from './declaration.ts';
import { auditLogKind } from './log-kind.ts';

export const auditLogsDataset = logsDataset(auditLogsDeclaration, auditLogKind);
