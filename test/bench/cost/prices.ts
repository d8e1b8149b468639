/** AWS's list prices in US dollars, us-east-1, as of January 2025. Free tiers are not counted. */
export const PRICES = {
  date: 'January 2025, us-east-1',
  lambda: {
    /** One GB of memory for one second on arm64. */
    gigabyteSecond: 0.0000133334,
    request: 0.2 / 1e6,
  },
  dynamodb: {
    writeUnit: 0.625 / 1e6,
    readUnit: 0.125 / 1e6,
  },
  s3: {
    put: 0.005 / 1e3,
    get: 0.0004 / 1e3,
    list: 0.005 / 1e3,
    gigabyteMonth: 0.023,
  },
  /** A request to a FIFO queue. */
  sqs: { request: 0.5 / 1e6 },
  scheduler: { invocation: 1 / 1e6 },
  logs: { gigabyteIngested: 0.5, gigabyteMonth: 0.03 },
  /** An alarm is billed for each metric that its expression reads. */
  cloudWatch: { metricMonth: 0.3, alarmMetricMonth: 0.1, dashboardMonth: 3 },
  secretMonth: 0.4,
  secretRead: 0.05 / 1e4,
  /** A query is billed for at least 10 MB. */
  athena: { terabyteScanned: 5, minimumBytes: 10 * 1024 ** 2 },
  /** A public address has a price of its own, whatever it is attached to. */
  network: { natHour: 0.045, natGigabyte: 0.045, publicAddressHour: 0.005 },
  stepFunctions: { transition: 25 / 1e6 },
} as const;

/** AWS's pages with these prices. They show the prices of today. */
export const PRICE_PAGES = {
  Lambda: 'https://aws.amazon.com/lambda/pricing/',
  DynamoDB: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  S3: 'https://aws.amazon.com/s3/pricing/',
  SQS: 'https://aws.amazon.com/sqs/pricing/',
  'EventBridge Scheduler': 'https://aws.amazon.com/eventbridge/pricing/',
  CloudWatch: 'https://aws.amazon.com/cloudwatch/pricing/',
  'Secrets Manager': 'https://aws.amazon.com/secrets-manager/pricing/',
  Athena: 'https://aws.amazon.com/athena/pricing/',
  'Step Functions': 'https://aws.amazon.com/step-functions/pricing/',
  'NAT gateway and public address': 'https://aws.amazon.com/vpc/pricing/',
} as const;
