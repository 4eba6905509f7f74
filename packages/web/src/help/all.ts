// Help as one file for the network.

export { Breathe } from './breathe.tsx';
export { Help } from './help.tsx';
export { followOperatorLines } from './operator-lines.ts';
