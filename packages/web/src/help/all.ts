// Help as one file for the network.

export { Breathe } from './breathe.tsx';
export { Help } from './help.tsx';
export { followOperatorLines, showKeptLines, lines } from './operator-lines.ts';
export { publicContacts } from '@sotto/care';
