// The worker's beginning: listens at once, and loads the rest (main.ts) behind that, all files of it side by side. What
// can't wait for the rest is done here: dialling the relay of an invite that someone answers. On a slow line both take a
// second, and so they overlap. Bundled by itself, so that it is small.
import { dialAhead, type Dialled } from '@sotto/client';
import type { ToPage, ToWorker } from '../backend/worker-protocol.ts';

export type Heard = Exclude<ToWorker, { type: 'dial' }>;
/** What main.ts exports. */
export interface Main {
  begin(dialled: (url: string) => ReturnType<Dialled['take']>): (message: Heard) => void;
}

const scope = globalThis as unknown as {
  postMessage(message: ToPage): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  /** The primitives' WebAssembly on its way: whoever loads it takes it from here (build/sodium.mjs). */
  sodiumAhead?: Promise<Response | undefined>;
};
const early: Heard[] = [];
let hear = (message: Heard): void => {
  early.push(message);
};
let dialled: Dialled | undefined;

async function dial(link: string): Promise<void> {
  dialled = await dialAhead(link);
}

scope.onmessage = ({ data }) => {
  if (data.type === 'dial') void dial(data.link);
  else hear(data);
};
scope.postMessage({ type: 'ready' });

if (SOTTO_WORKER_WASM !== undefined) {
  const { path, integrity } = SOTTO_WORKER_WASM;
  scope.sodiumAhead = fetch(path, { integrity, credentials: 'same-origin' }).catch(() => undefined);
}
// What main.ts imports, asked for before main.ts is there to say so. If one fails, main.ts fails with it.
for (const file of SOTTO_WORKER_PARTS) void import(file).catch(() => undefined);

try {
  const main = (await import(SOTTO_WORKER_MAIN)) as Main;
  hear = main.begin((url) => dialled?.take(url));
  for (const message of early.splice(0)) hear(message);
} catch {
  scope.postMessage({ type: 'broken' });
}
