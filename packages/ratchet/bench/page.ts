// What runs inside Chromium: the same rows, our engine alone.
import * as ratchet from '../src/index.ts';
import { compare, type Effort, type Figures } from './measure.ts';
import { signalContender } from './signal-contender.ts';

declare global {
  var runBench: (effort: Effort) => Promise<Figures>;
}

globalThis.runBench = async (effort) => {
  const name = '@sotto/ratchet';
  return (await compare([signalContender(name, ratchet)], effort))[name]!;
};
