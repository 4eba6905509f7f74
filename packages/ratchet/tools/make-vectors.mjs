// Writes test/vectors.json: conversations that libsignal-client made, and states that this package stored, for every
// state of the braid. Run it only when a format gets a new version; old vectors stay, they are what users have stored.
import { writeFileSync } from 'node:fs';
import { importTypeScript } from './bundle.mjs';

const { libsignal, ours } = await importTypeScript(new URL('../test/support/engines.ts', import.meta.url));
const { newParty } = await importTypeScript(new URL('../test/support/party.ts', import.meta.url));

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const posted = ({ type, bytes }, plaintext) => ({ type, bytes: base64(bytes), plaintext: base64(plaintext) });

/** A recipient's keys, and what libsignal sent to it. */
async function fromLibsignal(names, oneTime) {
  const [a, b] = [newParty(libsignal, names[0]), newParty(libsignal, names[1])];
  await a.begin(names[1], await b.publish({ oneTime }));
  const keys = Object.fromEntries(
    ['preKeys', 'signedPreKeys', 'kyberPreKeys'].map((kind) => [
      kind,
      [...b[kind]].map(([id, r]) => [id, base64(r)]),
    ]),
  );
  const messages = [];
  for (let i = 0; i < 5; i++) {
    const plaintext = new Uint8Array(i * 37).fill(i);
    messages.push(posted(await a.send(names[1], plaintext), plaintext));
  }
  return { names, identity: base64(b.identity.serialize()), ...keys, messages };
}

/** Stored records of ours, each with a message that it must still open. */
async function stored() {
  const [a, b] = [newParty(ours, 'a'), newParty(ours, 'b')];
  await a.begin('b', await b.publish());
  await b.receive('a', await a.send('b', new Uint8Array(1)));
  const found = [];
  for (let i = 0; i < 170; i++) {
    const [from, to, name, peer] = i % 2 === 0 ? [b, a, 'b', 'a'] : [a, b, 'a', 'b'];
    const plaintext = new Uint8Array(i % 40).fill(i);
    const message = await from.send(peer, plaintext);
    if (i % 7 === 0)
      found.push({
        record: base64(to.sessions.get(`${name}.1`)),
        message: posted(message, plaintext),
        from: name,
      });
    if (i % 10 !== 9) await to.receive(name, message);
  }
  return found;
}

const serviceIds = ['9d0652a3-dcc3-4d11-975f-74d61598733f', 'PNI:796abedb-ca4e-4f18-8803-1fde5b921f9f'];
const vectors = {
  libsignalVersion: '0.103.0',
  conversations: [
    await fromLibsignal(['alice', 'bob'], true),
    await fromLibsignal(['alice', 'bob'], false),
    await fromLibsignal(serviceIds, true),
  ],
  storedStates: await stored(),
};
writeFileSync(new URL('../test/vectors.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
