/**
 * Replaces the native part of AWS's runtime interface client, which needs a compiler and libcurl. It has the same three
 * functions.
 */

const INVOCATIONS = `http://${process.env['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation`;

/** The request with the last answer. Lambda must have it before it gives the next invocation. */
let answering: Promise<void> = Promise.resolve();

export async function next(): Promise<{ bodyJson: string; headers: Record<string, string> }> {
  await answering;
  const answer = await fetch(`${INVOCATIONS}/next`);
  return { bodyJson: await answer.text(), headers: Object.fromEntries(answer.headers) };
}

export function done(id: string, body: string): void {
  answering = post(`${id}/response`, body);
}

export function error(id: string, body: string): void {
  answering = post(`${id}/error`, body);
}

async function post(path: string, body: string): Promise<void> {
  const answer = await fetch(`${INVOCATIONS}/${path}`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`the Runtime API answered ${answer.status}`);
}
