// The screens that are not needed to begin: fetched when first shown, and ahead of need for what must be there with the
// network gone. Four files: Help, the conversation, rooms, and the rest.

import { lazy } from '../components/lazy.tsx';

const fetchHelp = () => import('../help/all.ts');
const fetchRare = () => import('./rare.ts');

const fetchRooms = () => import('../rooms/all.ts');

export const help = lazy(async () => (await fetchHelp()).Help);
export const breathe = lazy(async () => (await fetchHelp()).Breathe);
export const conversation = lazy(async () => (await import('../screens/conversation.tsx')).Conversation);
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
export const topics = lazy(async () => (await fetchRooms()).Topics);
export const entry = lazy(async () => (await fetchRooms()).Entry);
export const newRoom = lazy(async () => (await fetchRooms()).NewRoom);
export const room = lazy(async () => (await fetchRooms()).About);
export const person = lazy(async () => (await fetchRooms()).Person);
export const mentions = lazy(async () => (await fetchRooms()).Mentions);
export const roomHead = lazy(async () => (await fetchRooms()).RoomHead);
export const roomFoot = lazy(async () => (await fetchRooms()).RoomFoot);
export const stopped = lazy(async () => (await fetchRare()).Stopped);
