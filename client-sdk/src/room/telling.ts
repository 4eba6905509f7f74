// What happened in a room, told to the app once it is durable: lines and changes as messages, the rest as it is. What I
// don't want to see isn't told, and nothing is told as new during a break.
import type { Emitter } from '../events.ts';
import type { History } from '../history/history.ts';
import { filtered } from './filters.ts';
import type { RoomRunner } from './runner.ts';
import type { RoomEffect } from './step.ts';
import type { RoomEvents, RoomFilters, RoomState } from './types.ts';

export interface Teller {
  readonly runner: RoomRunner;
  readonly history: History;
  readonly emitter: Emitter<RoomEvents>;
  filters(): RoomFilters;
  state(): RoomState;
}

export class Telling {
  private readonly teller: Teller;
  private readonly waiting = new Map<string, (value: { keptUntil: number }) => void>();

  constructor(teller: Teller) {
    this.teller = teller;
  }

  /** Resolves once the relay has all of this message. */
  delivered(id: string): Promise<{ keptUntil: number }> {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
  /** Nothing will be delivered. */
  forget(id: string): void {
    this.waiting.delete(id);
  }

  hear(effect: RoomEffect): void {
    const { history, emitter } = this.teller;
    switch (effect.type) {
      case 'line':
        history.announce(effect.position);
        void this.announce('message', effect.position);
        return;
      case 'changed':
        history.announce(effect.position);
        void this.announce('change', effect.position);
        return;
      case 'mention':
        void this.announce('mention', effect.position);
        return;
      case 'gone':
        emitter.emit('gone', { id: effect.id });
        return;
      case 'delivered': {
        const keptUntil = effect.keptUntil * 1_000;
        this.waiting.get(effect.id)?.({ keptUntil });
        this.waiting.delete(effect.id);
        if (effect.keptUntil > 0) emitter.emit('delivered', { id: effect.id, keptUntil });
        return;
      }
      case 'state':
        emitter.emit('state', this.teller.state());
        return;
      case 'knock':
        emitter.emit('knock', effect.knock);
        return;
      case 'talkRequest':
        emitter.emit('talkRequest', effect.request);
        return;
      case 'hostAction':
        emitter.emit('hostAction', effect.action);
        return;
      default:
    }
  }

  private async announce(event: 'message' | 'change' | 'mention', position: number): Promise<void> {
    const { runner, history, emitter } = this.teller;
    if (runner.record().breakUntil > runner.host.context.now() && event !== 'change') return;
    const message = await history.at(position).catch(() => undefined);
    const shown = message === undefined ? undefined : filtered(message, this.teller.filters());
    if (shown === undefined || (event === 'message' && 'mine' in shown && shown.mine)) return;
    emitter.emit(event, shown);
  }
}
