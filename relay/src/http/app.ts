// The relay's HTTP side by express: the promise, health, and, for trial, the built web client. No access log, no
// cookies, no ETag, nothing kept of a request. Not its concern: WebSockets (websockets.ts) and the operator's door
// (control.ts).

import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { precompressed } from './precompressed.ts';
import { METRICS_CONTENT_TYPE, METRICS_PATH, mayReadMetrics, type MetricsAccess } from './metrics.ts';
import { PROMISE_PATH, type PublishedPromise } from './promise.ts';

/** What the pages are made from. */
export interface AppOptions {
  readonly promise: PublishedPromise;
  /** Folder of the built web client; empty or missing: a plain page. */
  readonly webDir: string;
  isReady(): Promise<boolean>;
  readonly metrics: MetricsAccess;
  onFault(error: unknown): void;
}

const contentSecurityPolicy = [
  "default-src 'self'",
  // The client's cryptography is WebAssembly, and relays live on other origins.
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self' https: wss: ws:",
  "img-src 'self' data: blob:",
  'media-src blob:',
  "style-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function makeApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.set({
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': contentSecurityPolicy,
      'Cross-Origin-Opener-Policy': 'same-origin',
      // The client's own page reads invite codes with the camera and records voice notes; nobody else's may.
      'Permissions-Policy': 'camera=(self), geolocation=(), interest-cohort=(), microphone=(self)',
    });
    next();
  });
  app.get(PROMISE_PATH, (_request, response) => {
    // Clients are served from other origins; there is nothing here that isn't for everyone.
    response.set({ 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-cache' });
    response.type('application/json').send(options.promise.document);
  });
  app.get(['/health/live', '/healthz'], (_request, response) => {
    response.set('Cache-Control', 'no-store').type('text/plain').send('ok\n');
  });
  app.get(['/health/ready', '/readyz'], async (_request, response) => {
    const isReady = await options.isReady();
    response
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .type('text/plain')
      .send(isReady ? 'ready\n' : 'not ready\n');
  });
  app.get(METRICS_PATH, async (request, response, next) => {
    // Without the token there is nothing here, as anywhere else.
    if (!mayReadMetrics(request, options.metrics.token)) next();
    else {
      const text = await options.metrics.text();
      response.set({ 'Cache-Control': 'no-store', 'Content-Type': METRICS_CONTENT_TYPE }).end(text);
    }
  });
  const webDir = options.webDir === '' ? undefined : resolve(options.webDir);
  if (webDir !== undefined && existsSync(join(webDir, 'index.html'))) {
    const setHeaders = (response: Response, path: string) => {
      // These carry their hash in their names: whatever is kept under one is right for ever.
      if (path.includes(`${sep}assets${sep}`)) {
        response.set('Cache-Control', 'public, max-age=31536000, immutable');
      }
    };
    app.use(precompressed(webDir));
    app.use(express.static(webDir, { etag: false, dotfiles: 'ignore', setHeaders }));
  } else {
    app.get('/', (_request, response) => {
      response.type('html').send(plainPage);
    });
  }
  app.use((_request: Request, response: Response) => {
    response.status(404).type('text/plain').send('There is nothing here.\n');
  });
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    options.onFault(error);
    if (response.headersSent) next(error);
    else response.status(statusOf(error)).type('text/plain').send('The relay could not answer this.\n');
  });
  return app;
}

/** Errors of a client's making (a malformed path) carry their own status. */
function statusOf(error: unknown): number {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

const plainPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sotto relay</title>
<h1>This is a Sotto relay</h1>
<p>It passes on sealed messages between people who write under pseudonyms. It can't read them, knows no names or
accounts, and keeps no log of who connects.</p>
<p>There is nothing to see here in a browser: a Sotto client connects to this address. What this relay promises
stands in <a href="/.well-known/sotto">its promise</a>.</p>
</html>
`;
