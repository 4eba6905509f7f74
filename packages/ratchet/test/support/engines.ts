// The two engines under one type: ours and libsignal-client, which is the reference that every verdict is held against.
import * as libsignalClient from '@signalapp/libsignal-client';
import * as ratchet from '../../src/index.ts';

export type Engine = typeof ratchet;

export const ours: Engine = ratchet;
// Same names and call shapes by design; the two sets of nominal class types differ, hence the cast
export const libsignal = libsignalClient as unknown as Engine;
