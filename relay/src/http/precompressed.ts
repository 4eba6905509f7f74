// Hands out the built web client's files as they were compressed at build time, to browsers that take Brotli: on a slow
// phone network that is most of the wait. Nothing is compressed while serving. Not its concern: everything else (app.ts).

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NextFunction, Request, Response } from 'express';

const ASSET = /^\/assets\/[\w-]+\.(js|css|wasm)$/;
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  wasm: 'application/wasm',
};

/**
 * Rewrites a request for an asset to its compressed sibling, which the static files behind it serve.
 * @param webDir - Folder of the built web client.
 */
export function precompressed(webDir: string) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const [, extension] = ASSET.exec(request.path) ?? [];
    if (extension === undefined) {
      next();
      return;
    }
    response.vary('Accept-Encoding');
    if (request.acceptsEncodings('br') === 'br' && existsSync(join(webDir, `${request.path}.br`))) {
      request.url = `${request.path}.br`;
      response.set({
        'Content-Encoding': 'br',
        'Content-Type': TYPES[extension] ?? 'application/octet-stream',
      });
    }
    next();
  };
}
