import { S3Error } from './errors.ts';
import type { S3Response } from './objects.ts';
import { readDocument } from './payload.ts';
import type { S3Request } from './request.ts';
import type { Store } from './store.ts';
import { document, element, parseXml, type XmlElement } from './xml.ts';

/** S3's limit for one request. */
const MOST_KEYS = 1000;

/** Handles DeleteObjects. Each key has its own result. */
export async function deleteObjects(store: Store, request: S3Request): Promise<S3Response> {
  await store.bucketDirectory(request.bucket);
  const { text, claims } = await readDocument(request);
  if (claims.contentMd5 === undefined && claims.checksum === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    );
  }
  const { keys, quiet } = parseDelete(text);
  const results: string[] = [];
  for (const key of keys) {
    try {
      await store.deleteObject(request.bucket, key);
      if (!quiet) results.push(element('Deleted', [element('Key', key)]));
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      const { code, message } = error;
      const parts = [element('Key', key), element('Code', code), element('Message', message)];
      results.push(element('Error', parts));
    }
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: document('DeleteResult', results),
  };
}

function parseDelete(xml: string): { keys: string[]; quiet: boolean } {
  const root = parseXml(xml);
  if (root?.name !== 'Delete') throw malformed();
  const keys: string[] = [];
  let quiet = false;
  for (const child of root.children) {
    if (child.name === 'Object') keys.push(keyOf(child));
    else if (child.name === 'Quiet') quiet = child.text === 'true';
    else throw malformed();
  }
  if (keys.length === 0 || keys.length > MOST_KEYS) throw malformed();
  return { keys, quiet };
}

function keyOf(object: XmlElement): string {
  const [key, ...others] = object.children;
  if (key?.name !== 'Key') throw malformed();
  if (others.length > 0) {
    throw new S3Error('NotImplemented', `Objects can only be deleted by key, not by ${others[0]?.name}.`);
  }
  return key.text;
}

function malformed(): S3Error {
  return new S3Error(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema.',
  );
}
