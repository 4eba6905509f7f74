// What page and worker say to each other: calls of the one interface `Backend` by name, their answers, lots of events,
// and the mark that outlives an eviction. Plain objects that survive structured clone. Both ends use these types.
import type { Backend, BackendEvent } from './backend.ts';

/** What the worker answers by calls. */
export type Served = Omit<Backend, 'on' | 'drop' | 'dialAhead' | 'isFirstVisit'>;
export type Method = keyof Served;

/** How the store is protected: kept by the page outside the evictable storage, and says that a store should exist. */
export type Mark = 'none' | 'pin' | 'passphrase';
export const MARKS: readonly Mark[] = ['none', 'pin', 'passphrase'];

export interface WireError {
  readonly code: string;
  readonly retry: 'never' | 'later' | 'reconnect';
}

export type ToWorker =
  | { readonly type: 'hello'; readonly mark: Mark | undefined }
  | { readonly type: 'call'; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  /** Someone said yes to this invite: its relay may be dialled while everything else still loads. */
  | { readonly type: 'dial'; readonly link: string }
  | { readonly type: 'close' }
  | { readonly type: 'marked'; readonly id: number };

export type ToPage =
  /** It listens now: what is posted before its first module ran may be lost. */
  | { readonly type: 'ready' }
  /** The rest of it couldn't be loaded. */
  | { readonly type: 'broken' }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError }
  | { readonly type: 'events'; readonly events: readonly BackendEvent[] }
  | { readonly type: 'mark'; readonly id: number; readonly mark: Mark | undefined }
  | { readonly type: 'closed' };
