// The screens that are not needed to begin: fetched when first shown, and ahead of need for what must be there with the
// network gone. Two files: Help and the rest; rooms stand apart (room-parts.ts). The conversation is here from the start:
// a newcomer who answers an invite needs it next.

import { lazy } from '../components/lazy.tsx';

const fetchHelp = () => import('../help/all.ts');
const fetchRare = () => import('./rare.ts');

export const help = lazy(async () => (await fetchHelp()).Help);
export const breathe = lazy(async () => (await fetchHelp()).Breathe);
export const accept = lazy(async () => (await fetchRare()).Accept);
export const appearance = lazy(async () => (await fetchRare()).Appearance);
export const compare = lazy(async () => (await fetchRare()).Compare);
export const connect = lazy(async () => (await fetchRare()).Connect);
export const copy = lazy(async () => (await fetchRare()).Copy);
export const details = lazy(async () => (await fetchRare()).Details);
export const erase = lazy(async () => (await fetchRare()).Erase);
export const invite = lazy(async () => (await fetchRare()).Invite);
export const leaving = lazy(async () => (await fetchRare()).Leaving);
export const personas = lazy(async () => (await fetchRare()).Personas);
export const protect = lazy(async () => (await fetchRare()).Protect);
export const relay = lazy(async () => (await fetchRare()).Relay);
export const restore = lazy(async () => (await fetchRare()).Restore);
export const settings = lazy(async () => (await fetchRare()).Settings);
export const stopped = lazy(async () => (await fetchRare()).Stopped);
