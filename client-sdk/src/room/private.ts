// Papers that one member seals to another inside the room: a host's rights on the log for a co-host, the room itself
// for whoever takes it over, knocks for hosts who aren't at the door, and the two steps towards a private conversation.
import { newOwnMailbox } from '../conversation/mailbox.ts';
import { asKey, equalBytes, randomBytes, signingKeyPair, toHex } from '../crypto/index.ts';
import { channelIds } from '../net/index.ts';
import { isNewcomer } from './conduct.ts';
import type { Private } from './control.ts';
import { doorRows, knockRows, talkRows } from './record.ts';
import { memberIdOf } from './pseudonym.ts';
import type { Scene } from './act.ts';
import { checkKnock } from './knock.ts';
import { memberOf, roomPath, type RoomStep } from './step.ts';

/** Requests that wait at most: beyond, the oldest are dropped. */
const MAX_REQUESTS = 64;

export interface HeardPrivate {
  readonly from: Uint8Array;
  readonly isHost: boolean;
  readonly name: string;
  readonly paper: Private;
}

/** Applies a paper that opened with my key. */
export async function hearPrivate(step: RoomStep, scene: Scene, heard: HeardPrivate): Promise<void> {
  const { paper, isHost } = heard;
  if (paper.request !== undefined) await hearRequest(step, scene, heard, paper.request);
  if (paper.answer !== undefined) await hearAnswer(step, heard, paper.answer);
  if (!isHost) return;
  if (paper.owner !== undefined) {
    const { originSeed, ownerSeed, salt, joinerSeed } = paper.owner;
    step.record = { ...step.record, ownership: { originSeed, ownerSeed, salt }, joinerSeed };
    step.effects.push({ type: 'owner' });
  }
  if (paper.knock !== undefined && checkKnock(paper.knock, scene.roomId)) {
    await noteKnock(step, paper.knock);
  }
  if (paper.handOver !== undefined) await takeOver(step, paper.handOver);
}

/** Somebody is before the door. A second knock of the same pseudonym takes the first one's place. */
export async function noteKnock(
  step: RoomStep,
  paper: NonNullable<Private['knock']>,
  invited = false,
): Promise<void> {
  const partition = step.owner.conversationId;
  const key = toHex(paper.pseudonym);
  const value = { paper, at: step.nowMs, invited };
  await knockRows.put(step.tx, { partition, key, value }, { under: roomPath(step.owner) });
  const { name, words } = paper;
  const knock = { id: key, member: memberIdOf(paper.pseudonym), name, words, at: step.nowMs };
  if (!invited) step.effects.push({ type: 'knock', knock });
}

async function hearRequest(
  step: RoomStep,
  scene: Scene,
  heard: HeardPrivate,
  request: NonNullable<Private['request']>,
): Promise<void> {
  const row = await memberOf(step, heard.from);
  const speaker = { isHost: heard.isHost, isMuted: false, since: row.since, lastAt: 0 };
  // From people who have only just come in, and from those I don't want to hear, there is no request.
  if (isNewcomer(scene.house, speaker, step.nowMs) || row.hidden !== 0) return;
  const partition = step.owner.conversationId;
  const key = toHex(request.id);
  const all: { key: string; at: number }[] = [];
  for await (const entry of talkRows.scan(step.tx, partition)) {
    if (entry.key === key) return;
    if (!entry.value.mine && equalBytes(entry.value.member, heard.from) && entry.value.answer === 0) return;
    all.push({ key: entry.key, at: entry.value.at });
  }
  if (all.length >= MAX_REQUESTS) {
    const [oldest] = all.sort((a, b) => a.at - b.at);
    if (oldest !== undefined) talkRows.del(step.tx, partition, oldest.key);
  }
  const value = { mine: false, member: heard.from, words: request.words, at: step.nowMs, answer: 0 };
  await talkRows.put(step.tx, { partition, key, value }, { under: roomPath(step.owner) });
  const { name } = heard;
  const shown = { id: key, member: memberIdOf(heard.from), name, words: request.words, at: step.nowMs };
  step.effects.push({ type: 'talkRequest', request: shown });
}

async function hearAnswer(
  step: RoomStep,
  heard: HeardPrivate,
  answer: NonNullable<Private['answer']>,
): Promise<void> {
  const partition = step.owner.conversationId;
  const key = toHex(answer.id);
  const asked = await talkRows.get(step.tx, partition, key);
  if (asked?.mine !== true || asked.answer !== 0 || !equalBytes(asked.member, heard.from)) return;
  const value = { ...asked, answer: answer.link === '' ? 2 : 1 };
  await talkRows.put(step.tx, { partition, key, value }, { under: roomPath(step.owner) });
  step.effects.push({ type: 'talkAnswer', member: memberIdOf(heard.from), link: answer.link, id: key });
}

async function takeOver(step: RoomStep, paper: NonNullable<Private['handOver']>): Promise<void> {
  if (step.record.roomSeed !== undefined) return;
  step.record = { ...step.record, roomSeed: paper.roomSeed };
  step.effects.push({ type: 'owner' }, { type: 'state' });
  const { door } = paper;
  if (door === undefined) return;
  // The door with its link goes along: whoever has the link finds the new host behind it.
  const { originSeed, ownerSeed, readerSeed, writerSeed, salt, secret, boxSecret } = door;
  const { relay, relayKey } = step.record;
  const ids = channelIds(signingKeyPair(asKey('signing-seed', originSeed)).publicKey, salt);
  const fresh = newOwnMailbox({ relay, relayKey }, true);
  const own = { ...fresh, ...ids, originSeed, ownerSeed, readerSeed, writerSeed, salt };
  const value = { own, secret, boxSecret, once: false, used: false, link: '', createdAt: step.nowMs };
  const entry = { partition: step.owner.conversationId, key: toHex(randomBytes(16)), value };
  await doorRows.put(step.tx, entry, { under: roomPath(step.owner) });
}
