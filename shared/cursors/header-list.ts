import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { isProjectId } from '../ids.ts';
import { HEADER } from './cursor-store.ts';
import { decodeHeader, type Header, type PartitionKey } from './header.ts';

/** A header as it is stored. `decodeHeader` reads it. */
export interface HeaderItem {
  scope: PartitionKey;
  item: unknown;
}

/**
 * Reads every header of a cursor table, for reports. The result is not consistent, because runs may continue
 * meanwhile. It is separate from the store because no function may read the whole table.
 */
export async function readHeaders(
  dynamodb: DynamoDBClient,
  table: string,
): Promise<Array<{ scope: PartitionKey; header: Header }>> {
  const items = await readHeaderItems(dynamodb, table);
  return items.map(({ scope, item }) => ({ scope, header: decodeHeader(item) }));
}

/** Reads every header of a cursor table without decoding it. */
export async function readHeaderItems(dynamodb: DynamoDBClient, table: string): Promise<HeaderItem[]> {
  const headers: HeaderItem[] = [];
  const pages = paginateScan(
    { client: dynamodb },
    {
      TableName: table,
      FilterExpression: 'sk = :header',
      ExpressionAttributeValues: { ':header': { S: HEADER } },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const content = unmarshall(item);
      const [dataset = '', project = ''] = String(content['pk']).split('#');
      if (!isProjectId(project)) continue;
      headers.push({ scope: { dataset, subject: project }, item: content });
    }
  }
  return headers;
}
