// Whether the relay is alive and whether it should be sent clients: for load balancers, systemd and Kubernetes. Alive:
// the process answers. Ready: the store answers too, and the relay isn't draining. Not its concern: metrics.

import type { ChannelStore } from '../store/channel-store.ts';

/** A store that takes longer isn't one to send clients to. */
const storeAnswerMs = 1000;
/** One question serves all who ask meanwhile: anyone may ask, and the store has better things to do. */
const freshMs = 500;

export class Readiness {
  readonly #store: ChannelStore;
  readonly #isDraining: () => boolean;
  #asked: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined;

  constructor(store: ChannelStore, isDraining: () => boolean) {
    this.#store = store;
    this.#isDraining = isDraining;
  }

  async isReady(): Promise<boolean> {
    if (this.#isDraining()) return false;
    const nowMs = performance.now();
    if (this.#asked === undefined || nowMs - this.#asked.atMs > freshMs)
      this.#asked = { atMs: nowMs, answer: this.#storeAnswers() };
    return (await this.#asked.answer) && !this.#isDraining();
  }

  async #storeAnswers(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, storeAnswerMs);
    });
    const answer = (this.#store.ready?.() ?? this.#store.blockedCount()).then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
