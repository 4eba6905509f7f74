// The page's side of the browser test: our engine, answering Node over a WebSocket.
import * as ratchet from '../../src/index.ts';
import { newParty, type Party } from './party.ts';
import { carryOut, pack, unpack } from './remote-party.ts';

const parties = new Map<string, Party>();
const socket = new WebSocket(`ws://${location.host}`);

type Incoming = { readonly id: number } & Parameters<typeof carryOut>[2];

async function answer(text: string): Promise<void> {
  const request = unpack(text) as Incoming;
  try {
    const value = await carryOut(parties, (name) => newParty(ratchet, name), request);
    socket.send(pack({ id: request.id, value }));
  } catch (error) {
    const { code } = error as { code?: number };
    socket.send(pack({ id: request.id, code: code ?? -1 }));
  }
}

socket.addEventListener('message', (event) => void answer(event.data as string));
