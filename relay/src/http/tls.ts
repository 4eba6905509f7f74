// The relay's own TLS, for operators without a proxy: certificate and key from files, read again on SIGHUP so that a
// renewed certificate needs no restart. Made by ../relay.ts. Not its concern: getting certificates.

import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { RelayConfig } from '../config/options.ts';
import { RelayError } from '../errors.ts';

// Session tickets: their key, kept for long, would undo forward secrecy, and they tell who came back.
const noTickets = constants.SSL_OP_NO_TICKET;
const limits = { maxHeaderSize: 8192, requestTimeout: 10_000, headersTimeout: 10_000 };

/** A server for requests and upgrades; with `reloadTls` where it speaks TLS. */
export interface FrontServer {
  readonly server: Server;
  readonly scheme: 'http' | 'https';
  /**
   * Takes the files' present content for connections from now on; keeps the old one where they can't be used.
   * @throws RelayError RELAY_TLS_UNUSABLE.
   */
  readonly reloadTls: () => void;
}

/** @throws RelayError RELAY_TLS_UNUSABLE. */
export function makeServer(config: RelayConfig): FrontServer {
  const { tlsCert, tlsKey } = config;
  if (tlsCert === '') {
    return { server: createPlainServer(limits), scheme: 'http', reloadTls: () => undefined };
  }
  const read = () => readContext(tlsCert, tlsKey);
  const server = createTlsServer({ ...limits, ...read() });
  return {
    server,
    scheme: 'https',
    reloadTls() {
      server.setSecureContext(read());
    },
  };
}

function readContext(certPath: string, keyPath: string): SecureContextOptions {
  try {
    const context: SecureContextOptions = {
      cert: readFileSync(certPath),
      key: readFileSync(keyPath),
      minVersion: 'TLSv1.2',
      secureOptions: noTickets,
    };
    // Says now whether the two belong together.
    createSecureContext(context);
    return context;
  } catch (cause) {
    throw new RelayError('RELAY_TLS_UNUSABLE', { detail: `(${certPath}, ${keyPath})`, cause });
  }
}
