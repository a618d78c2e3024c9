/** What is asked of a WebSocket. */

/** What of a WebSocket is needed: the browser's own, or that of the `ws` package. */
export interface Socket {
  binaryType: string;
  readonly protocol: string;
  readonly readyState: number;
  // biome-ignore lint/suspicious/noExplicitAny: the two have different types of events with the same fields
  onopen: ((event: any) => void) | null;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onmessage: ((event: any) => void) | null;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onerror: ((event: any) => void) | null;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  onclose: ((event: any) => void) | null;
  // biome-ignore lint/suspicious/noExplicitAny: nor do they agree on what bytes are, from one TypeScript to the next
  send(data: any): void;
  close(code?: number, reason?: string): void;
}

/** Makes a socket. */
export type SocketClass = new (url: string, protocols: string[]) => Socket;
