/** A stand-in for one AWS service, on loopback. */
export interface LocalService {
  readonly endpoint: string;
  close(): Promise<void>;
}
