// `#signal` on Node: libsignal-client, native. It is an optional dependency: where its binary can't be had,
// @sotto/ratchet takes its place. SOTTO_ENGINE=libsignal|ratchet forces one (the test suites run on each).
import type { SignalEngine, SignalModule } from './module.ts';

/** Loads one engine by name. */
export async function loadEngine(name: 'libsignal' | 'ratchet'): Promise<SignalEngine> {
  const module: unknown =
    name === 'libsignal' ? await import('@signalapp/libsignal-client') : await import('@sotto/ratchet');
  return { name, module: module as SignalModule };
}

async function defaultEngine(): Promise<SignalEngine> {
  const forced = process.env['SOTTO_ENGINE'];
  if (forced === 'libsignal' || forced === 'ratchet') return loadEngine(forced);
  try {
    return await loadEngine('libsignal');
  } catch {
    return loadEngine('ratchet');
  }
}

export const engine: SignalEngine = await defaultEngine();
