import type { SubjectKind } from '../ids.ts';
import type { Table } from '../lake/table.ts';
import type { DatasetSettings, SettingsSchema } from './settings.ts';

/** What the stack, `dispatch`, the configuration and the command line know of a dataset. It needs no collector. */
export interface DatasetDeclaration<Settings extends DatasetSettings = DatasetSettings> {
  /** Also the name of its first table. */
  name: string;
  description: string;
  /** The tables that it fills. */
  tables: readonly [Table, ...Table[]];
  /** Minutes between two ticks; divides an hour or a day, so that ticks have stable times. */
  everyMinutes: number;
  /**
   * How many minutes after a multiple of `everyMinutes` its ticks are; the default is 0. It lets a tick follow what it
   * reads, and keeps datasets from being due in the same minute.
   */
  offsetMinutes?: number;
  /** Whether it is collected only if the configuration enables it. */
  isOptional?: boolean;
  /** Why Atlas cannot return its past again; omitted if a backfill can read it. */
  notRepeatable?: string;
  /** What its ticks are sent to. The default is projects. */
  subjects?: readonly SubjectKind[];
  /** What the configuration may set. */
  settings: SettingsSchema<Settings>;
  /** The settings of an empty configuration. */
  defaults: Settings;
}
