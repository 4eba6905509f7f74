// One side of a conversation under test: sends numbered texts, survives being killed, knows what it has sent.
import { ChatProcess } from './chat-process.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const UNSTORED_WINDOW = 16;

export class Talker {
  /** Texts whose `stored` was seen, or which history showed after a restart, in order. */
  sent = [];
  /** Number of the other's texts that were told so far, over all lives. */
  received = 0;
  #goal = 0;
  #asked = 0;
  #storedWaiters = [];

  constructor(options) {
    this.name = options.name;
    this.chat = new ChatProcess(options);
    this.chat.onEvent((event) => this.#onEvent(event));
  }

  #text(n) {
    return `${this.name} ${n}`;
  }

  #onEvent(event) {
    if (event.event === 'message') this.received++;
    if (event.event === 'stored' && typeof event.ref === 'string') {
      this.sent.push(this.#text(Number(event.ref)));
      this.#fill();
    }
  }

  /** Raises the number of texts to be sent in all to `total`; they go out as fast as they are stored. */
  send(conversation, total) {
    this.conversation = conversation;
    this.#goal = total;
    this.#fill();
  }

  #fill() {
    while (this.chat.alive && this.#asked < this.#goal && this.#asked - this.sent.length < UNSTORED_WINDOW) {
      this.chat.tell({
        cmd: 'send',
        conversation: this.conversation,
        text: this.#text(this.#asked),
        ref: String(this.#asked),
      });
      this.#asked++;
    }
    if (this.sent.length >= this.#goal) for (const resolve of this.#storedWaiters.splice(0)) resolve();
  }

  /** Resolves once every text asked for is stored here. */
  allStored() {
    return this.sent.length >= this.#goal
      ? Promise.resolve()
      : new Promise((resolve) => this.#storedWaiters.push(resolve));
  }

  /** kill -9, start again, look in history which texts made it, go on with the first that didn't. */
  async killAndRestart() {
    await this.chat.kill();
    await this.restart();
  }

  async restart() {
    await this.chat.start();
    if (this.conversation === undefined) return;
    const own = (await this.chat.history(this.conversation)).filter(({ text }) =>
      text?.startsWith(`${this.name} `),
    );
    this.sent = own.map(({ text }) => text);
    this.#asked = this.sent.length;
    this.#fill();
  }

  messageEvents() {
    return this.chat.events.filter((event) => event.event === 'message');
  }
}

/** One-time invite from `inviter` to `guest`; both learn the conversation. */
export async function introduce(inviter, guest) {
  const link = await inviter.chat.invite('once');
  const arrival = inviter.chat.when((event) => event.event === 'conversation', 20_000, 'the conversation');
  guest.conversation = await guest.chat.accept(link);
  inviter.conversation = (await arrival).conversation;
}

/**
 * Waits until `reader`'s history holds `count` texts of `writer`. Gives up only once nothing more has come for
 * `patienceMs`: a busy machine is slow, and slow is not lost.
 */
export async function untilRead(reader, writer, count, patienceMs) {
  let held = -1;
  let changedAt = Date.now();
  for (;;) {
    const began = Date.now();
    const history = await reader.chat.history(reader.conversation);
    const now = history.filter(({ text }) => text?.startsWith(`${writer.name} `)).length;
    if (now >= count) return;
    if (now > held) changedAt = Date.now();
    else if (Date.now() - changedAt > patienceMs) return;
    held = now;
    // Reading all of it costs the reader time that it needs for what is coming.
    const told = reader.received;
    const tookMs = Date.now() - began;
    await sleep(Math.max(200, 4 * tookMs));
    while (reader.received > told && Date.now() - began < 5_000 && reader.received < count) await sleep(100);
  }
}
