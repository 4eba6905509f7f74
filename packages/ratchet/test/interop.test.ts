// The engine beside libsignal-client, conversation by conversation: every pairing of engines, both beginning.
import { expect, test } from '@jest/globals';
import { libsignal, ours } from './support/engines.ts';
import { newParty, type Party } from './support/party.ts';

const text = (value: string) => new TextEncoder().encode(value);
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function introduce(a: Party, b: Party, oneTime = true): Promise<void> {
  await a.begin(b.address.name(), await b.publish({ oneTime }));
  const first = await a.send(b.address.name(), text('first'));
  expect(first.type).toBe(3);
  expect(read(await b.receive(a.address.name(), first))).toBe('first');
  const second = await b.send(a.address.name(), text('second'));
  expect(second.type).toBe(2);
  expect(read(await a.receive(b.address.name(), second))).toBe('second');
}

for (const [name, first, second] of [
  ['ours begins, libsignal accepts', ours, libsignal],
  ['libsignal begins, ours accepts', libsignal, ours],
  ['ours with ours', ours, ours],
] as const) {
  for (const oneTime of [true, false]) {
    for (const names of [
      ['alice', 'bob'],
      ['9d0652a3-dcc3-4d11-975f-74d61598733f', 'PNI:796abedb-ca4e-4f18-8803-1fde5b921f9f'],
    ] as const) {
      test(`${name}, ${oneTime ? 'with' : 'without'} a one-time key, ${names[0].length > 10 ? 'service ids' : 'plain names'}`, async () => {
        const a = newParty(first, names[0]);
        const b = newParty(second, names[1]);
        await introduce(a, b, oneTime);
        for (let i = 0; i < 300; i++) {
          const [from, to] = i % 3 === 0 ? [a, b] : [b, a];
          const message = await from.send(to.address.name(), text(`message ${i}`));
          expect(message.type).toBe(2);
          expect(read(await to.receive(from.address.name(), message))).toBe(`message ${i}`);
        }
      });
    }
  }
}
