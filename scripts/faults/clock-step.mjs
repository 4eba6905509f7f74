// Preloaded into a process under test (NODE_OPTIONS=--import=…): its wall clock is off by what a file says, in ms.
// The file is re-read often, so that a run can step the clock forwards and backwards under a living process.
import { readFileSync } from 'node:fs';

const file = process.env.SOTTO_FAULT_CLOCK;
const realNow = Date.now.bind(Date);
let offset = 0;
let readAt = 0;

function currentOffset() {
  const now = realNow();
  if (file && now - readAt > 50) {
    readAt = now;
    try {
      offset = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      offset = 0;
    }
  }
  return offset;
}

Date.now = () => realNow() + currentOffset();
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(realNow() + currentOffset());
    else super(...args);
  }
  static now() {
    return realNow() + currentOffset();
  }
};
