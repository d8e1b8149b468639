import * as z from 'zod';
import { ProxyError, proxyUrl } from '../https-proxy.ts';

/** The proxy between functions and Atlas. Its address is in the template, so it has no password. */
export const proxySchema = z.strictObject({
  url: z.string().superRefine((text, context) => {
    const message = problemOf(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  /** Hosts that functions reach directly, separated by commas. */
  noProxy: z.string().default(''),
});

export type ProxyConfig = z.infer<typeof proxySchema>;

function problemOf(text: string): string | undefined {
  try {
    const { username, password } = proxyUrl(text);
    if (username === '' && password === '') return undefined;
    return 'must not contain a user or password, because everyone who can see the functions would see them';
  } catch (error) {
    if (error instanceof ProxyError) return error.message;
    throw error;
  }
}

/** Returns the port of the proxy. */
export function proxyPort({ url }: ProxyConfig): number {
  const { port, protocol } = proxyUrl(url);
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}
