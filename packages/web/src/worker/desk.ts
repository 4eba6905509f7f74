// Where the page's calls arrive: decides in which state this device stands, opens, locks and destroys the store, and
// hands everything else to the open session. One step of opening or closing at a time. Not its concern: how messages
// travel between page and worker (main.ts).
import {
  type CircleWish,
  type Client,
  type ClientOptions,
  importClient,
  type InviteAhead,
  type JoinOptions,
  lookAtStore,
  type NetworkOptions,
  openClient,
  readInviteAhead,
  type RoomCardInput,
  wipeStore,
} from '@sotto/client';
import type { Boot, FileDraft, Reaction, SendDraft } from '../backend/backend.ts';
import type { RoomDeed } from '../backend/rooms.ts';
import type { Served } from '../backend/worker-protocol.ts';
import { WebError } from '../errors.ts';
import type { Outgoing } from './outgoing.ts';
import type { PageMark } from './page-mark.ts';
import { Session } from './session.ts';
import { bootOf, isHeldElsewhere, missingPlatform, STORE } from './standing.ts';

const PATIENCE_MS = 1_500;
const MAX_FOUND = 200;

interface DeskSetup {
  readonly site: { readonly relay: string };
  /** Of this site: links lead here, and it is the relay where the site names none. */
  readonly origin: string;
  readonly mark: PageMark;
  readonly outgoing: Outgoing;
  readonly dialled: NonNullable<NetworkOptions['dialled']>;
}

export class Desk implements Served {
  private readonly setup: DeskSetup;
  private readonly relay: string;
  private client: Client | undefined;
  private session: Session | undefined;
  /** What a newcomer's invite says, asked for while there is no store yet. */
  private ahead: InviteAhead | undefined;
  private shouldTakeOver = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(setup: DeskSetup) {
    this.setup = setup;
    this.relay = setup.site.relay === '' ? setup.origin : setup.site.relay;
  }

  // ── opening and closing ──

  boot(): Promise<Boot> {
    return this.inTurn(async () => {
      if (this.session !== undefined) {
        this.session.tellAll();
        return { state: 'open' };
      }
      return this.look();
    });
  }

  begin({ name, pictureSeed, secret }: Parameters<Served['begin']>[0]): Promise<void> {
    return this.inTurn(async () => {
      await this.needNothingHere();
      this.setup.mark.method = secret?.method ?? 'none';
      const client = await this.openAt(secret?.value);
      try {
        const session = this.adopt(client);
        const { relay } = this;
        await session.createPersona({ name, relay, ...(pictureSeed === undefined ? {} : { pictureSeed }) });
        await session.start();
      } catch (error) {
        await this.discard();
        throw error;
      }
      this.tellBoot({ state: 'open' });
    });
  }

  unlock(secret: string): Promise<void> {
    return this.inTurn(async () => {
      if (this.session !== undefined) return;
      await this.open(secret);
      this.tellBoot({ state: 'open' });
    });
  }

  /** The page ends this worker next; here what is under way comes to rest. */
  lock(): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    const { client, session } = this;
    this.client = undefined;
    this.session = undefined;
    await session?.end();
    await client?.close();
  }

  takeOver(): Promise<void> {
    return this.inTurn(async () => {
      this.shouldTakeOver = true;
      const boot = await this.look();
      this.tellBoot(boot);
    });
  }

  setSecret(
    secret: { method: 'pin' | 'passphrase'; value: string } | undefined,
    current?: string,
  ): Promise<void> {
    return this.inTurn(async () => {
      await this.needClient().changePassphrase({
        ...(current === undefined ? {} : { current }),
        ...(secret === undefined ? {} : { next: secret.value }),
      });
      this.setup.mark.method = secret?.method ?? 'none';
      await this.setup.mark.set();
    });
  }

  /** Doesn't wait for its turn: whatever is under way is over with it. */
  async wipe(): Promise<void> {
    const { client, session } = this;
    this.client = undefined;
    this.session = undefined;
    session?.stop();
    this.setup.outgoing.clear();
    await client?.wipe().catch(() => undefined);
    await wipeStore({ store: STORE, marker: this.setup.mark });
    if ('caches' in globalThis) {
      const names = await caches.keys().catch((): string[] => []);
      await Promise.all(names.map((name) => caches.delete(name)));
    }
  }

  async exportAll(passphrase: string): Promise<Blob> {
    const parts: BlobPart[] = [];
    for await (const part of this.needClient().export(passphrase))
      parts.push(part as Uint8Array<ArrayBuffer>);
    return new Blob(parts, { type: 'application/octet-stream' });
  }

  importAll(file: Blob, passphrase: string): Promise<void> {
    return this.inTurn(async () => {
      await this.needNothingHere();
      this.setup.mark.method = 'passphrase';
      try {
        const client = await importClient(chunksOf(file), { ...this.options(), passphrase });
        await this.adopt(client).start();
      } catch (error) {
        // Nothing was here before, so nothing is lost with what was half made.
        await this.discard();
        throw error;
      }
      this.tellBoot({ state: 'open' });
    });
  }

  // ── personas and invites ──

  createPersona(name: string, pictureSeed?: Uint8Array) {
    const { relay } = this;
    return this.opened().createPersona({
      name,
      relay,
      ...(pictureSeed === undefined ? {} : { pictureSeed }),
    });
  }
  setOnline(persona: string, online: boolean) {
    return this.opened().setOnline(persona, online);
  }
  setStays(persona: string, stays: boolean) {
    return this.opened().setStays(persona, stays);
  }
  retirePersona(persona: string) {
    return this.opened().retire(persona);
  }
  burnPersona(persona: string) {
    return this.opened().burn(persona);
  }
  createInvite(persona: string) {
    return this.opened().createInvite(persona);
  }
  invites(persona: string) {
    return this.opened().invites(persona);
  }
  revokeInvite(id: string) {
    return this.opened().revokeInvite(id);
  }
  async accept(persona: string | undefined, link: string) {
    try {
      if (persona === undefined) await this.begunFor(link);
      const made = await this.opened().accept(persona, link);
      // Whoever waits for this goes there next: the list must know it by then.
      this.setup.outgoing.flush();
      return made;
    } finally {
      this.ahead?.close();
      this.ahead = undefined;
    }
  }

  // ── conversations ──

  history(conversation: string, options: { before?: string; limit: number }) {
    return this.talk(conversation).history(options);
  }

  async search(text: string, conversation?: string) {
    const talks = conversation === undefined ? this.opened().allTalks() : [this.talk(conversation)];
    const found: Awaited<ReturnType<Served['search']>>[number][] = [];
    for (const talk of talks) {
      for (const message of await talk.search(text)) found.push({ conversation: talk.id, message });
    }
    return found.sort((a, b) => b.message.at - a.message.at).slice(0, MAX_FOUND);
  }

  async send(conversation: string, draft: SendDraft) {
    const sent = await this.talk(conversation).send(draft);
    this.setup.outgoing.flush();
    return sent;
  }
  async retry(conversation: string, message: string): Promise<void> {
    this.opened().poke();
    await this.talk(conversation).retry(message);
  }
  async sendFile(conversation: string, file: FileDraft): Promise<void> {
    await this.talk(conversation).sendFile(file);
  }
  async cancelFile(conversation: string, message: string): Promise<void> {
    await this.talk(conversation).cancelFile(message);
  }
  async openFile(conversation: string, message: string): Promise<Blob> {
    return this.talk(conversation).openFile(message);
  }
  stopFile(conversation: string, message: string): Promise<void> {
    this.talk(conversation).stopFile(message);
    return Promise.resolve();
  }
  async react(conversation: string, message: string, reaction: Reaction | undefined): Promise<void> {
    await this.talk(conversation).react(message, reaction);
  }
  async edit(conversation: string, message: string, text: string): Promise<void> {
    await this.talk(conversation).edit(message, text);
  }
  async retract(conversation: string, message: string): Promise<void> {
    await this.talk(conversation).retract(message);
  }
  async setTimer(conversation: string, seconds: number): Promise<void> {
    await this.pair(conversation).setTimer(seconds);
  }
  async saveDraft(conversation: string, text: string): Promise<void> {
    await this.talk(conversation).saveDraft(text);
  }
  markRead(conversation: string): Promise<void> {
    this.talk(conversation).markRead();
    return Promise.resolve();
  }

  safetyNumber(conversation: string) {
    const { source: found } = this.pair(conversation);
    const code = found.safetyCode();
    return Promise.resolve({ digits: found.peer.safetyNumber, scannable: code?.mine ?? new Uint8Array(0) });
  }
  async markCompared(conversation: string, compared: boolean): Promise<void> {
    await this.pair(conversation).markCompared(compared);
  }
  async compareScanned(conversation: string, scanned: Uint8Array): Promise<boolean> {
    const talk = this.pair(conversation);
    const matches = talk.source.safetyCode()?.matches(scanned) ?? false;
    if (matches) await talk.markCompared(true);
    return matches;
  }

  /** Blocked here at once; the relay is told when it can be reached. */
  async block(conversation: string): Promise<void> {
    const blocking = this.pair(conversation).source.block();
    await Promise.race([blocking, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    blocking.catch(() => undefined);
  }
  leave(conversation: string) {
    return this.opened().leave(conversation);
  }
  remove(conversation: string) {
    return this.opened().leave(conversation);
  }

  // ── rooms ──

  directory(persona: string) {
    return this.opened().directory(persona);
  }
  lookAtRoom(persona: string, link: string) {
    return this.opened().lookAtRoom(persona, link);
  }
  joinRoom(persona: string, link: string, options: JoinOptions) {
    return this.opened().joinRoom(persona, link, options);
  }
  joinCircle(persona: string, wish: CircleWish) {
    return this.opened().joinCircle(persona, wish);
  }
  createRoom(persona: string, card: RoomCardInput) {
    return this.opened().createRoom(persona, card);
  }
  async roomLink(conversation: string, people: 'many' | 'one') {
    return this.opened().room(conversation).link(people);
  }
  async roomDetails(conversation: string) {
    return this.opened().room(conversation).details();
  }
  async roomDeed(conversation: string, deed: RoomDeed) {
    return this.opened().room(conversation).act(deed);
  }

  promise() {
    return this.opened().promise();
  }
  poke(): Promise<void> {
    this.session?.poke();
    return Promise.resolve();
  }

  // ── inside ──

  private inTurn<R>(step: () => Promise<R>): Promise<R> {
    const result = this.last.then(step, step);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Waits until someone new has begun; meanwhile their invite is read. */
  private async begunFor(link: string): Promise<void> {
    const { dialled } = this.setup;
    // Primitives that can't be loaded are told by beginning.
    const reading = readInviteAhead(link, { dialled }).catch(() => undefined);
    await this.inTurn(() => Promise.resolve());
    this.ahead = await reading;
  }

  /** Where this device stands; opens what needs no secret. */
  private async look(): Promise<Boot> {
    const missing = missingPlatform();
    if (missing !== undefined) return { state: 'unsupported', what: missing };
    const { mark } = this.setup;
    try {
      switch (await lookAtStore({ store: STORE, marker: mark })) {
        case 'none':
          return { state: 'fresh' };
        case 'lost':
          return { state: 'lost' };
        case 'protected':
          if (!this.shouldTakeOver && (await isHeldElsewhere())) return { state: 'elsewhere' };
          return { state: 'locked', method: mark.method === 'pin' ? 'pin' : 'passphrase' };
        case 'unprotected':
          if (!this.shouldTakeOver && (await isHeldElsewhere())) return { state: 'elsewhere' };
          await this.open(undefined);
          return { state: 'open' };
      }
    } catch (error) {
      return bootOf(error);
    }
  }

  private async open(secret: string | undefined): Promise<void> {
    try {
      const client = await this.openAt(secret);
      await this.adopt(client).start();
      await this.setup.mark.set();
      await this.tellPersistence();
    } catch (error) {
      await this.close().catch(() => undefined);
      const boot = bootOf(error);
      if (boot.state === 'elsewhere' || boot.state === 'damaged') this.tellBoot(boot);
      throw error;
    }
  }

  private async openAt(secret: string | undefined): Promise<Client> {
    const client = await openClient({
      ...this.options(),
      ...(secret === undefined ? {} : { passphrase: secret }),
      takeOver: this.shouldTakeOver,
    });
    this.shouldTakeOver = false;
    return client;
  }

  private options(): ClientOptions {
    return {
      store: STORE,
      relay: this.relay,
      origin: this.setup.origin,
      marker: this.setup.mark,
      network: { dialled: this.setup.dialled, ahead: () => this.ahead },
      // The session decides who is online, by the person's choice.
      connect: false,
      online: 'all',
      onLost: () => {
        this.lost();
      },
    };
  }

  private adopt(client: Client): Session {
    this.client = client;
    this.session = new Session(client, this.setup.outgoing);
    return this.session;
  }

  /** Another tab took the store over. */
  private lost(): void {
    const { client, session } = this;
    this.client = undefined;
    this.session = undefined;
    session?.stop();
    this.setup.outgoing.clear();
    this.tellBoot({ state: 'elsewhere' });
    void client?.close().catch(() => undefined);
  }

  /** Before something new is made: what is here must be nothing, or a loss that was told. */
  private async needNothingHere(): Promise<void> {
    const found = await lookAtStore({ store: STORE, marker: this.setup.mark });
    if (found === 'lost') await wipeStore({ store: STORE, marker: this.setup.mark });
    else if (found !== 'none') throw Object.assign(new Error('not empty'), { code: 'STORE_NOT_EMPTY' });
  }

  private async discard(): Promise<void> {
    await this.wipe().catch(() => undefined);
  }

  private async tellPersistence(): Promise<void> {
    if (await navigator.storage.persisted().catch(() => false)) return;
    this.setup.outgoing.add({ type: 'trouble', kind: 'not-persistent', code: '' });
  }

  private tellBoot(boot: Boot): void {
    this.setup.outgoing.add({ type: 'boot', boot });
    this.setup.outgoing.flush();
  }

  private needClient(): Client {
    if (this.client === undefined) throw new WebError('WEB_NOT_OPEN');
    return this.client;
  }

  private opened(): Session {
    if (this.session === undefined) throw new WebError('WEB_NOT_OPEN');
    return this.session;
  }

  private talk(id: string) {
    return this.opened().talk(id);
  }
  private pair(id: string) {
    return this.opened().pair(id);
  }
}

async function* chunksOf(file: Blob): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
