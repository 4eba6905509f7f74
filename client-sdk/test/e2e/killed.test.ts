import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RelayProcess } from '../net/support/relay-process.ts';
import { BotProcess } from './support/bot-process.ts';
import { until } from './support/people.ts';

let relay: RelayProcess;
const folder = mkdtempSync(join(tmpdir(), 'sotto-killed-'));
const wished = process.env['SOTTO_ENGINE'] ?? 'libsignal';

beforeAll(async () => {
  relay = await RelayProcess.start();
});
afterAll(async () => {
  await relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Numbers in [0, 1) that a seed fixes (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const seed = Number(process.env['SOTTO_SEED'] ?? Date.now() % 1_000_000);

test(`killed at any moment, from the invite to the last word: 0 lost, 0 doubled, in order (SOTTO_SEED=${String(seed)})`, async () => {
  const chance = chanceOf(seed);
  const count = 60;
  const common = { relay: relay.url, count };
  const second = wished === 'mixed' || wished === 'ratchet' ? 'ratchet' : 'libsignal';
  const alice = new BotProcess({
    ...common,
    store: join(folder, 'alice'),
    engine: wished === 'ratchet' ? 'ratchet' : 'libsignal',
  });
  await alice.start();
  const kill = async (bot: BotProcess): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 150 + chance() * 700));
    if (bot.heard !== undefined) return;
    await bot.kill();
    await bot.start();
  };
  for (let i = 0; i < 2; i++) await kill(alice);
  const link = await until('a link', () => alice.link, 60_000);
  const bob = new BotProcess({ ...common, store: join(folder, 'bob'), link, engine: second });
  await bob.start();
  for (let i = 0; i < 12; i++) await kill(chance() < 0.6 ? bob : alice);
  for (const bot of [alice, bob]) if (!bot.running && bot.heard === undefined) await bot.start();
  const done = () => alice.heard !== undefined && bob.heard !== undefined;
  await until('both to have said and heard everything', done, 150_000).catch((error: unknown) => {
    throw new Error(`${String(error)}\nAlice: ${alice.errors}\nBob: ${bob.errors}`);
  });
  const numbers = Array.from({ length: count }, (_, i) => String(i));
  for (const bot of [alice, bob]) {
    const heard = bot.heard ?? [];
    expect(heard.filter((text) => !text.startsWith('>'))).toEqual(numbers);
    expect(heard.filter((text) => text.startsWith('>'))).toEqual(numbers.map((text) => `>${text}`));
  }
}, 240_000);
