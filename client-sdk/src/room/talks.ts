// From a room to a private conversation, only where both want it: one asks, the other answers with a one-time link that
// only the asker can read. What they say there is signed with their pseudonyms of the room, so that it can be reported.
import type { Attribution } from '../conversation/record.ts';
import { concatBytes, fromHex, randomBytes, sha256, toHex, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { Private } from './control.ts';
import { memberIdOf } from './pseudonym.ts';
import { memberRows, talkRows } from './record.ts';
import type { RoomHost } from './rooms.ts';
import type { RoomRunner } from './runner.ts';
import { roomPath, type RoomEffect } from './step.ts';
import type { TalkRequest } from './types.ts';

const DOMAIN = utf8('sotto.v1.room.talk\0');

export class Talks {
  private readonly host: RoomHost;
  private readonly runner: RoomRunner;
  private readonly say: (to: Uint8Array, paper: Private) => Promise<void>;

  constructor(host: RoomHost, runner: RoomRunner, say: (to: Uint8Array, paper: Private) => Promise<void>) {
    this.host = host;
    this.runner = runner;
    this.say = say;
  }

  async ask(member: Uint8Array, words: string): Promise<void> {
    const id = randomBytes(16);
    await this.runner.step(async (step) => {
      const value = { mine: true, member, words, at: step.nowMs, answer: 0 };
      const entry = { partition: this.runner.id, key: toHex(id), value };
      await talkRows.put(step.tx, entry, { under: roomPath(step.owner) });
    });
    await this.say(member, { request: { id, words } });
  }

  async waiting(): Promise<TalkRequest[]> {
    const found: TalkRequest[] = [];
    await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of talkRows.scan(view, this.runner.id)) {
        if (value.mine || value.answer !== 0) continue;
        const row = await memberRows.get(view, this.runner.id, toHex(value.member));
        const { words, at } = value;
        found.push({ id: key, member: memberIdOf(value.member), name: row?.name ?? '', words, at });
      }
    });
    return found.sort((a, b) => a.at - b.at);
  }

  async accept(id: string): Promise<void> {
    const member = await this.answer(id, 1);
    const link = await this.host.invite(this.attribution(id, member), this.runner.record().name);
    await this.say(member, { answer: { id: fromHex(id), link } });
  }

  async decline(id: string): Promise<void> {
    const member = await this.answer(id, 2);
    await this.say(member, { answer: { id: fromHex(id), link: '' } });
  }

  /** They have answered me. @returns the conversation's id where they want to. */
  async answered(effect: Extract<RoomEffect, { type: 'talkAnswer' }>): Promise<string | undefined> {
    if (effect.link === '') return undefined;
    const attribution = this.attribution(effect.id, fromHex(effect.member));
    return this.host.accept(effect.link, attribution, this.runner.record().name);
  }

  private async answer(id: string, answer: number): Promise<Uint8Array> {
    return this.runner.step(async (step) => {
      const asked = await talkRows.get(step.tx, this.runner.id, id);
      if (asked === undefined || asked.mine || asked.answer !== 0) throw new SottoError('CONVERSATION_GONE');
      const entry = { partition: this.runner.id, key: id, value: { ...asked, answer } };
      await talkRows.put(step.tx, entry, { under: roomPath(step.owner) });
      return asked.member;
    });
  }

  private attribution(id: string, peer: Uint8Array): Attribution {
    const { me, roomId } = this.runner;
    const pair = [me.publicKey, peer].sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
    return {
      conversation: sha256(concatBytes(DOMAIN, roomId, fromHex(id), ...pair)),
      ownSeed: me.seed,
      ownPrevious: new Uint8Array(32),
      epoch: 0,
      peerKey: peer,
    };
  }
}
