// What happens to what is kept on the device: locked and unlocked, taken over by another tab, moved by export, burned,
// erased so that nothing is left, evicted, damaged. Each in a real browser against the real relay.
import { afterAll, afterEach, beforeAll, expect, test as always } from '@jest/globals';
import { RelayProcess } from '../../../../client-sdk/test/net/support/relay-process.ts';
import { hasChromium, type Seat, Site } from './support/site.ts';

// Where there is no Chromium these are listed as skipped, not as passed.
const test = hasChromium ? always : always.skip;

let relay: RelayProcess;
let site: Site;

beforeAll(async () => {
  if (!hasChromium) return;
  relay = await RelayProcess.start();
  site = await Site.open(relay.url);
}, 120_000);
afterEach(async () => {
  await site.clear();
  expect([...site.complaints.splice(0), ...site.strangers.splice(0)]).toEqual([]);
});
afterAll(async () => {
  await site.close();
  await relay.stop();
});

const PIN = { method: 'pin', value: '4711' } as const;

/** A person who chose a PIN. */
async function withPin(name: string): Promise<Seat> {
  const seat = await site.person();
  await seat.run(
    async ({ backend }, given) => {
      await backend.boot();
      await backend.begin({ name: given.name, secret: given.pin });
    },
    { name, pin: PIN },
  );
  return seat;
}

/** Ada and Eve, who have said one thing each. @returns Ada's and Eve's conversation ids. */
async function talking(ada: Seat, eve: Seat): Promise<{ atAda: string; atEve: string }> {
  const link = await ada.run(async ({ backend, last }) => {
    const id = last('personas')?.personas[0]?.id ?? '';
    return (await backend.createInvite(id)).link;
  });
  const atEve = await eve.run(async ({ backend, last }, given) => {
    const id = last('personas')?.personas[0]?.id ?? '';
    const { id: conversation } = await backend.accept(id, given);
    await backend.send(conversation, { text: 'from Eve' });
    return conversation;
  }, link);
  const atAda = await ada.until(
    'the first words',
    ({ last }) => last('conversations')?.conversations.find(({ excerpt }) => excerpt === 'from Eve')?.id,
  );
  await ada.run(({ backend }, id) => backend.send(id, { text: 'from Ada' }), atAda);
  await eve.until(
    'the answer',
    ({ last }) => last('conversations')?.conversations[0]?.excerpt === 'from Ada',
  );
  return { atAda, atEve };
}

const codeOf = (seat: Seat, source: string): Promise<string> =>
  seat.page.evaluate(`(${source})(globalThis.tools).then(() => 'done', (error) => error.code)`);

/** Everything that this origin keeps in the browser. */
const leftBehind = (seat: Seat): Promise<unknown> =>
  seat.run(async () => {
    const files: string[] = [];
    const folder = await navigator.storage.getDirectory();
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys())
      files.push(name);
    return {
      databases: (await indexedDB.databases()).map(({ name }) => name),
      files,
      caches: await caches.keys(),
      storage: [localStorage.length, sessionStorage.length],
    };
  });
const NOTHING = { databases: [], files: [], caches: [], storage: [0, 0] };

test('locked by a PIN: the worker is gone with its keys, a wrong PIN opens nothing, the right one all', async () => {
  const [ada, eve] = [await withPin('Ada'), await site.person()];
  await eve.begin('Eve');
  const { atAda, atEve } = await talking(ada, eve);
  const before = ada.page.workers()[0];
  await ada.run(({ backend }) => backend.lock());
  expect(ada.page.workers()).toHaveLength(1);
  expect(ada.page.workers()[0]).not.toBe(before);
  expect(await ada.run(({ last }) => last('boot')?.boot)).toEqual({ state: 'locked', method: 'pin' });
  expect(await codeOf(ada, `({ backend }) => backend.send('${atAda}', { text: 'never' })`)).toBe(
    'WEB_NOT_OPEN',
  );
  expect(await codeOf(ada, `({ backend }) => backend.exportAll('x')`)).toBe('WEB_NOT_OPEN');
  await eve.run(({ backend }, id) => backend.send(id, { text: 'while locked' }), atEve);
  expect(await codeOf(ada, `({ backend }) => backend.unlock('0000')`)).toBe('STORE_PASSPHRASE');
  await ada.run(({ backend }) => backend.unlock('4711'));
  const found = await ada.until('what came meanwhile', ({ last }) =>
    last('conversations')?.conversations.find(({ excerpt }) => excerpt === 'while locked'),
  );
  expect(found).toMatchObject({ id: atAda, unread: 2 });

  // Another secret, then none; a wrong current one changes nothing.
  expect(await codeOf(ada, `({ backend }) => backend.setSecret(undefined, '0000')`)).toBe('STORE_PASSPHRASE');
  await ada.run(({ backend }) => backend.setSecret({ method: 'passphrase', value: 'many words' }, '4711'));
  await ada.page.reload();
  expect(await ada.begin('')).toBe('locked');
  expect(await ada.run(({ backend }) => backend.boot())).toEqual({ state: 'locked', method: 'passphrase' });
  await ada.run(({ backend }) => backend.unlock('many words'));
  await ada.run(({ backend }) => backend.setSecret(undefined, 'many words'));
  await ada.page.reload();
  expect(await ada.begin('')).toBe('open');
}, 120_000);

test('a quick exit ends the worker within the call; the next start asks for the PIN', async () => {
  const ada = await withPin('Ada');
  const after = await ada.run(({ backend }) => {
    const started = performance.now();
    backend.drop();
    return performance.now() - started;
  });
  expect(after).toBeLessThan(20);
  expect(await codeOf(ada, `({ backend }) => backend.poke()`)).toBe('WEB_ENDED');
  await ada.page.reload();
  expect(await ada.begin('')).toBe('locked');
}, 240_000);

test('a second tab waits, takes over, and the first stops and is told; both ways, with a PIN and without', async () => {
  for (const pin of [undefined, PIN]) {
    const first = pin === undefined ? await site.person() : await withPin('Ada');
    if (pin === undefined) await first.begin('Ada');
    const second = await first.tab();
    expect(await second.begin('')).toBe('elsewhere');
    await second.run(({ backend }) => backend.takeOver());
    if (pin !== undefined) {
      // Whoever doesn't know the PIN disturbs nobody.
      expect(await second.run(({ last }) => last('boot')?.boot)).toEqual({ state: 'locked', method: 'pin' });
      expect(
        await codeOf(first, `({ backend, last }) => backend.invites(last('personas').personas[0].id)`),
      ).toBe('done');
      await second.run(({ backend }, given) => backend.unlock(given), pin.value);
    }
    await second.until('to be open', ({ last }) => last('boot')?.boot.state === 'open');
    await first.until('the first to be told', ({ last }) => last('boot')?.boot.state === 'elsewhere');
    expect(await codeOf(first, `({ backend }) => backend.createPersona('late')`)).toBe('WEB_NOT_OPEN');
    expect(await second.run(({ last }) => last('personas')?.personas.length)).toBe(1);
    await first.run(({ backend }) => backend.takeOver());
    if (pin !== undefined) await first.run(({ backend }, given) => backend.unlock(given), pin.value);
    await second.until('the second to be told', ({ last }) => last('boot')?.boot.state === 'elsewhere');
  }
}, 120_000);

test('a move: the export opens on another device, talks on there, and the old copy stops', async () => {
  const [ada, eve, next] = [await withPin('Ada'), await site.person(), await site.person()];
  await eve.begin('Eve');
  const { atAda, atEve } = await talking(ada, eve);
  await ada.run(({ backend }, id) => backend.saveDraft(id, 'to be taken along'), atAda);
  const bytes = await ada.run(async ({ backend }) => {
    const file = await backend.exportAll('for the move');
    return [...new Uint8Array(await file.arrayBuffer())];
  });
  expect(await next.run(({ backend }) => backend.boot())).toEqual({ state: 'fresh' });
  const refused = await next.run(async ({ backend }, given) => {
    const file = new Blob([Uint8Array.from(given)]);
    const wrong = await backend
      .importAll(file, 'wrong')
      .catch((error: unknown) => (error as { code: string }).code);
    const cut = await backend
      .importAll(file.slice(0, 2_000), 'for the move')
      .catch((error: unknown) => (error as { code: string }).code);
    return [wrong, cut, (await backend.boot()).state];
  }, bytes);
  expect(refused).toEqual(['STORE_PASSPHRASE', 'EXPORT_DAMAGED', 'fresh']);
  await next.run(
    ({ backend }, given) => backend.importAll(new Blob([Uint8Array.from(given)]), 'for the move'),
    bytes,
  );
  const moved = await next.until('the conversation', ({ last }) => last('conversations')?.conversations[0]);
  expect(moved).toMatchObject({ id: atAda, name: 'Eve', draft: 'to be taken along' });
  await next.run(({ backend }, id) => backend.send(id, { text: 'from my new phone' }), atAda);
  await eve.until(
    'to be heard from there',
    ({ last }) => last('conversations')?.conversations[0]?.excerpt === 'from my new phone',
  );
  await eve.run(({ backend }, id) => backend.send(id, { text: 'welcome' }), atEve);
  await next.until(
    'the answer',
    ({ last }) => last('conversations')?.conversations[0]?.excerpt === 'welcome',
  );
  await ada.until('the old copy to stop', ({ last }) => last('connection')?.code === 'PERSONA_MOVED');
  await next.page.reload();
  expect(await next.run(({ backend }) => backend.boot())).toEqual({ state: 'locked', method: 'passphrase' });
}, 120_000);

test('several selves: one online at a time, one burned, the other left as it was', async () => {
  const [ada, eve] = [await site.person(), await site.person()];
  await Promise.all([ada.begin('Ada'), eve.begin('Eve')]);
  const { atAda } = await talking(ada, eve);
  const second = await ada.run(async ({ backend }) => (await backend.createPersona('Nobody')).id);
  const seen = (personas: readonly (readonly [name: string, online: boolean])[]) =>
    ada.until(
      `personas: ${JSON.stringify(personas)}`,
      ({ last }, given) =>
        JSON.stringify(last('personas')?.personas.map((one) => [one.name, one.online])) ===
        JSON.stringify(given),
      personas,
    );
  await seen([
    ['Ada', false],
    ['Nobody', true],
  ]);
  const first = await ada.run(({ last }) => last('personas')?.personas[0]?.id ?? '');
  // One that is told to stay does so while another is used, and over a reload.
  await ada.run(({ backend }, id) => backend.setStays(id, true), first);
  await ada.run(({ backend }, id) => backend.setOnline(id, true), second);
  await ada.page.reload();
  await ada.begin('');
  await seen([
    ['Ada', true],
    ['Nobody', true],
  ]);
  await ada.run(async ({ backend }, id) => {
    await backend.setStays(id, false);
    await backend.setOnline(id, false);
  }, first);
  // Said while that self is away: kept, and sent when it is back.
  await ada.run(({ backend }, id) => backend.send(id, { text: 'later' }), atAda);
  await ada.page.reload();
  await ada.begin('');
  await seen([
    ['Ada', false],
    ['Nobody', true],
  ]);
  await ada.run(({ backend }, id) => backend.setOnline(id, true), first);
  await eve.until(
    'what was said',
    ({ last }) => last('conversations')?.conversations[0]?.excerpt === 'later',
  );
  await ada.run(({ backend }, id) => backend.burnPersona(id), first);
  await seen([['Nobody', false]]);
  await ada.until('no conversation', ({ last }) => last('conversations')?.conversations.length === 0);
  await ada.page.reload();
  await ada.begin('');
  await ada.until('one self', ({ last }) => {
    const names = last('personas')?.personas.map(({ name }) => name);
    return names?.length === 1 && names[0] === 'Nobody';
  });
  expect(await ada.run(({ backend }, id) => backend.invites(id), second)).toEqual([]);
}, 120_000);

test('erased: nothing is left, open or locked, with the network hanging; the page can begin anew', async () => {
  for (const isLocked of [false, true]) {
    const [ada, eve] = [await withPin('Ada'), await site.person()];
    await eve.begin('Eve');
    await talking(ada, eve);
    await ada.run(() => caches.open('a cache').then((cache) => cache.put('/x', new Response('x'))));
    if (isLocked) await ada.run(({ backend }) => backend.lock());
    relay.freeze();
    const started = Date.now();
    await ada.run(({ backend }) => backend.wipe());
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(await leftBehind(ada)).toEqual(NOTHING);
    expect(await ada.run(({ last }) => last('boot')?.boot)).toEqual({ state: 'fresh' });
    relay.thaw();
    expect(await ada.begin('Somebody new')).toBe('begun');
    await site.clear();
  }
}, 120_000);

test('evicted is told from new, damaged from locked; both can be erased and begun anew', async () => {
  const ada = await site.person();
  await ada.begin('Ada');
  await ada.run(({ backend }) => {
    backend.drop();
  });
  await ada.run(async () => {
    const folder = await navigator.storage.getDirectory();
    await folder.removeEntry('sotto-sotto', { recursive: true });
    for (const { name = '' } of await indexedDB.databases()) {
      await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
    }
  });
  await ada.page.reload();
  expect(await ada.begin('')).toBe('lost');
  await ada.run(({ backend }) => backend.begin({ name: 'Ada again' }));
  await ada.run(({ backend }) => {
    backend.drop();
  });
  await ada.run(async () => {
    const folder = await navigator.storage.getDirectory();
    const files = await folder.getDirectoryHandle('sotto-sotto');
    const writer = await (await files.getFileHandle('sotto-header')).createWritable();
    await writer.write('something else entirely, but long enough to be looked at');
    await writer.close();
  });
  await ada.page.reload();
  expect(await ada.run(({ backend }) => backend.boot())).toEqual({
    state: 'damaged',
    kind: 'foreign',
    code: 'STORE_FOREIGN',
  });
  await ada.run(({ backend }) => backend.wipe());
  expect(await leftBehind(ada)).toEqual(NOTHING);
}, 120_000);
