// The other side of the bench: a Node client that makes invites, and one that has said and heard twenty thousand things
// and seals them into a copy for a browser to open. Uses the compiled SDK, and its inside to write a long history fast.
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { openClient } from '@sotto/client';

const sdk = join(import.meta.dirname, '../../../client-sdk/dist');
const cheap = { passes: 1, memoryKib: 8 };
const LOT = 500;
const DAY_MS = 86_400_000;
const DAYS = 200;
const WORDS =
  'I had a quiet day and went for a long walk by the river until the rain began and then home again'.split(
    ' ',
  );

export async function openPerson(stage, name) {
  const client = await openClient({
    store: join(stage.folder, `node-${name}`),
    passphrase: 'p',
    relay: stage.relayUrl,
    kdfCost: cheap,
  });
  return { client, persona: await client.createPersona({ name }) };
}

/** An invite as the site's address shows it: its relay is the site itself. */
export async function inviteFor(stage, origin, name) {
  const client = await openClient({
    store: join(stage.folder, `node-${name}`),
    passphrase: 'p',
    relay: origin,
    origin,
    kdfCost: cheap,
    // The bench's own certificate.
    network: { agent: new Agent({ rejectUnauthorized: false }), isolate: false },
  });
  const persona = await client.createPersona({ name });
  const { link } = await persona.createInvite();
  return { client, link };
}

const textOf = (i) => {
  const length = 3 + ((i * 7) % 60);
  return `${String(i)} ${Array.from({ length }, (_, k) => WORDS[(i + k) % WORDS.length]).join(' ')}`;
};

/** @returns the path of a sealed copy of a profile whose one conversation has `count` messages. */
export async function longHistory(stage, count, passphrase) {
  const { addLine, blankLine } = await import(join(sdk, 'history/write.js'));
  const { conversations, conversationPath } = await import(join(sdk, 'conversation/record.js'));
  const [ada, bob] = [await openPerson(stage, 'Ada'), await openPerson(stage, 'Bob')];
  const { link } = await bob.persona.createInvite();
  const { id } = await ada.persona.accept(link);
  await ada.persona.disconnect();
  const personaId = ada.persona.id;
  const owner = { personaId, conversationId: id };
  const under = conversationPath(personaId, id);
  const start = Date.now() - DAYS * DAY_MS;
  const { vault } = ada.client.context;
  for (let from = 0; from < count; from += LOT) {
    await vault.transact(async (tx) => {
      let record = await conversations.get(tx, personaId, id);
      for (let i = from; i < Math.min(count, from + LOT); i++) {
        const at = start + Math.floor((i / count) * DAYS * DAY_MS);
        const contentId = crypto.getRandomValues(new Uint8Array(16));
        const line = { ...blankLine('text', contentId, at), mine: i % 3 === 0, text: textOf(i) };
        ({ record } = await addLine(tx, owner, record, line));
      }
      await conversations.put(tx, { partition: personaId, key: id, value: record }, { under });
    });
  }
  const parts = [];
  for await (const part of ada.client.export(passphrase)) parts.push(part);
  const file = join(stage.folder, 'copy.sotto');
  writeFileSync(file, Buffer.concat(parts));
  await Promise.all([ada.client.close(), bob.client.close()]);
  return file;
}
