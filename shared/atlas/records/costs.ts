/** A query for Cost Explorer. */
export interface CostQuery {
  /** First instants of months, ms; `to` is exclusive. */
  from: number;
  to: number;
  /** Ids of what the costs are for: the whole organisation if neither is set. */
  of: { project?: string; cluster?: string };
}

/** The result of a Cost Explorer query. */
export interface CostUsage {
  details: UsageDetail[];
  /** Services and months of lines that are otherwise unreadable. */
  unreadable: Pick<UsageDetail, 'service' | 'usageDate'>[];
  /** A line does not even show its service and month, so any amount may be too low or missing. */
  hasUnknown: boolean;
}

/** The cost of one service in one month. */
export interface UsageDetail {
  service: string;
  /** The first day of the month, ms. */
  usageDate: number;
  /** As Cost Explorer reports it: US dollars, before credits and tax. */
  usageAmount: number;
}
