// Who may read the metrics: whoever is on this machine, at a port of its own on loopback, or whoever has the token, at
// /metrics of the relay's address. (A proxy on this machine makes everyone look local: the main port asks for the
// token always.) Not its concern: what they say (../metrics/metrics.ts).

import { createServer, type IncomingMessage } from 'node:http';
import { RelayError } from '../errors.ts';
import { equalSecret, sha256 } from '../crypto/hash.ts';

export const METRICS_PATH = '/metrics';
const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** What the two doors need. */
export interface MetricsAccess {
  /** Empty: nobody reads them at the relay's address. */
  readonly token: string;
  text(): Promise<string>;
}

/** True for a request with the token. Takes as long for a wrong one, whatever its length. */
export function mayReadMetrics(request: IncomingMessage, token: string): boolean {
  if (token === '') return false;
  const given = sha256(Buffer.from(request.headers.authorization ?? ''));
  return equalSecret(given, sha256(Buffer.from(`Bearer ${token}`)));
}

/**
 * Serves the metrics on loopback.
 * @param port - 0 opens nothing.
 * @throws RelayError RELAY_ADDRESS_UNUSABLE.
 */
export async function openMetricsPort(
  port: number,
  access: MetricsAccess,
): Promise<{ close(): Promise<void> }> {
  if (port === 0) return { close: () => Promise.resolve() };
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET' || request.url !== METRICS_PATH) {
      response.writeHead(404).end();
      return;
    }
    access.text().then(
      (text) =>
        response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const detail = `(metrics, port ${String(port)}: ${cause.code ?? 'unknown'})`;
      reject(new RelayError('RELAY_ADDRESS_UNUSABLE', { detail, cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

export { contentType as METRICS_CONTENT_TYPE };
