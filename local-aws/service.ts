/** A stand-in for one AWS service, on loopback. */
export interface EmbeddedService {
  readonly endpoint: string;
  close(): Promise<void>;
}
