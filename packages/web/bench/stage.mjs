// The built site behind one address with a relay, as a production server serves it: TLS, HTTP/2, Brotli, its headers,
// the relay's paths passed on. What the bench loads. Needs the compiled packages (`npm run build`).
import { execFileSync, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { buildSite } from '../build.mjs';

const relayBin = join(import.meta.dirname, '../../../relay/bin/sotto-relay.js');
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export async function openStage() {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  const site = await buildSite({ outDir: join(folder, 'web/site') });
  const { port: relayPort, relay } = await startRelay(join(folder, 'data'));
  const headers = JSON.parse(readFileSync(join(site.outDir, 'headers.json'), 'utf8'));
  const pair = certificate(folder);
  const files = new Map();
  const fileOf = (path) => {
    const name = path === '/' ? 'index.html' : path.slice(1);
    const full = join(site.outDir, name);
    if (!files.has(full)) files.set(full, read(full));
    return { name, ...files.get(full) };
  };
  const server = createSecureServer({ ...pair, allowHTTP1: true }, async (request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname.startsWith('/.well-known/')) {
      const answer = await fetch(`http://127.0.0.1:${relayPort}${pathname}`);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      return;
    }
    const { name, bytes, coding } = fileOf(pathname);
    for (const [pattern, set] of Object.entries(headers)) {
      const isFor = pattern.endsWith('*') ? pathname.startsWith(pattern.slice(0, -1)) : pathname === pattern;
      if (isFor) for (const [header, value] of Object.entries(set)) response.setHeader(header, value);
    }
    if (bytes === undefined) return response.writeHead(404).end();
    response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream');
    if (coding !== undefined) response.setHeader('content-encoding', coding);
    response.end(bytes);
  });
  const sockets = new Set();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, near, head) => {
    const far = connect(relayPort, '127.0.0.1', () => {
      const lines = [`GET ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      far.write(`${lines.join('\r\n')}\r\n\r\n`);
      far.write(head);
      far.pipe(near).pipe(far);
    });
    for (const socket of [near, far]) socket.on('error', () => (near.destroy(), far.destroy()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: process.env.SOTTO_CHROMIUM ?? '/usr/bin/chromium',
    // Trusted like any other: where a browser overlooks a bad certificate it keeps nothing in its cache.
    args: [...flags, `--ignore-certificate-errors-spki-list=${publicKeyHash(pair.cert)}`],
  });
  return {
    site,
    port: server.address().port,
    relayUrl: `http://127.0.0.1:${relayPort}`,
    browser,
    folder,
    async close() {
      await browser.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      const ended = new Promise((resolve) => relay.once('exit', resolve));
      relay.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A file as it goes over the line: its Brotli form where the build made one. */
function read(path) {
  if (existsSync(`${path}.br`)) return { bytes: readFileSync(`${path}.br`), coding: 'br' };
  return existsSync(path) ? { bytes: readFileSync(path) } : {};
}

/** For this run and this machine only. */
function certificate(folder) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

function publicKeyHash(cert) {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

async function startRelay(data) {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  const relay = spawn(process.execPath, [relayBin, '--port', String(port), '--data', data], {
    env: { ...process.env, SOTTO_LOG_LEVEL: 'silent' },
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 150; tries++) {
    const isUp = await fetch(`http://127.0.0.1:${port}/.well-known/sotto`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { port, relay };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the relay did not start; run `npm run build` first');
}
