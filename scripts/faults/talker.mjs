// One side of a conversation under test: sends numbered texts, survives being killed, knows what it has sent.
import { ChatProcess } from './chat-process.mjs';

const UNSTORED_WINDOW = 16;

export class Talker {
  /** Texts whose `stored` was seen, or which history showed after a restart, in order. */
  sent = [];
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

  /** Number of the other's texts that were told so far, over all lives. */
  get received() {
    return this.chat.events.filter((event) => event.event === 'message').length;
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

/** Waits until `reader`'s history holds `count` texts of `writer`, or the time is over. */
export async function untilRead(reader, writer, count, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  let held = 0;
  while (Date.now() < deadline) {
    const history = await reader.chat.history(reader.conversation);
    held = history.filter(({ text }) => text?.startsWith(`${writer.name} `)).length;
    if (held >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
