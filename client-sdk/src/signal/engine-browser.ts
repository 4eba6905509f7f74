// `#signal` in browsers: libsignal has no browser build, so @sotto/ratchet speaks its bytes.
import * as ratchet from '@sotto/ratchet';
import type { SignalEngine, SignalModule } from './module.ts';

export const engine: SignalEngine = { name: 'ratchet', module: ratchet as unknown as SignalModule };
