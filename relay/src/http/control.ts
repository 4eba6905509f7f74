// The operator's door into a running relay: a second HTTP server on loopback, for whoever can read the token in the
// data folder. Used by `sotto-relay block`. Not its concern: clients; they never reach it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { equalSecret, random } from '../crypto/hash.ts';
import { RelayError } from '../errors.ts';

const controlFile = 'control.json';
const maxBodyBytes = 4096;

/** What the operator asks for. Ids are hex. */
export const blockOrder = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{48}$/),
  relayKey: z.string().max(64),
  reason: z.enum(['abuse', 'illegal', 'spam', 'safety', 'owner-request']),
});
export type BlockOrder = z.output<typeof blockOrder>;

/** The relay's answer to an order. */
const outcomeSchema = z.strictObject({
  outcome: z.enum(['blocked', 'too-many', 'unknown', 'foreign', 'failed']),
});
export type Outcome = z.output<typeof outcomeSchema>['outcome'];

const doorSchema = z.strictObject({ port: z.number().int(), token: z.string() });

/** Opens the door; `close` removes its token. */
export async function openControl(
  dataDir: string,
  block: (order: BlockOrder) => Promise<Outcome>,
): Promise<{ close(): Promise<void> }> {
  const token = random(32).toString('base64url');
  const server = createServer((request, response) => {
    serve(request, response, token, block).catch(() => {
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const path = join(dataDir, controlFile);
  const { port } = server.address() as AddressInfo;
  // Written beside and renamed, so that the file is never half there; nobody else may read it.
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, JSON.stringify({ port, token }), { mode: 0o600, flag: 'wx' });
  renameSync(`${path}.new`, path);
  return {
    close() {
      rmSync(path, { force: true });
      return closeServer(server);
    },
  };
}

/**
 * Gives an order to the relay that runs on this data folder.
 * @returns undefined when none runs.
 * @throws RelayError RELAY_CONTROL_FAILED.
 */
export async function order(dataDir: string, what: BlockOrder): Promise<Outcome | undefined> {
  let door: z.output<typeof doorSchema>;
  try {
    door = doorSchema.parse(JSON.parse(readFileSync(join(dataDir, controlFile), 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new RelayError('RELAY_CONTROL_FAILED', { detail: `(${controlFile} cannot be read)`, cause });
  }
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${String(door.port)}/block`, {
      method: 'POST',
      headers: { authorization: `Bearer ${door.token}` },
      body: JSON.stringify(what),
      signal: AbortSignal.timeout(15_000),
    });
  } catch (cause) {
    // Nobody listens: the file was left behind by a relay that was killed.
    const refused = (cause as { cause?: { code?: unknown } }).cause?.code === 'ECONNREFUSED';
    if (refused) return undefined;
    throw new RelayError('RELAY_CONTROL_FAILED', { retry: 'later', cause });
  }
  if (response.status !== 200) throw new RelayError('RELAY_CONTROL_FAILED');
  return outcomeSchema.parse(await response.json()).outcome;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  block: (order: BlockOrder) => Promise<Outcome>,
): Promise<void> {
  const given = Buffer.from(request.headers.authorization ?? '');
  if (!equalSecret(given, Buffer.from(`Bearer ${token}`))) {
    response.writeHead(403).end();
    return;
  }
  if (request.method !== 'POST' || request.url !== '/block') {
    response.writeHead(404).end();
    return;
  }
  const parsed = blockOrder.safeParse(await readJson(request));
  if (!parsed.success) {
    response.writeHead(400).end();
    return;
  }
  const outcome = await block(parsed.data);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ outcome }));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
