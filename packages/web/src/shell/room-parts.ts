// The screens of rooms, fetched with their words when the first of them is shown. Apart from parts.ts, so that the
// conversation can show a room's parts without knowing of itself.

import { lazy } from '../components/lazy.tsx';

const fetchRooms = () => import('../rooms/all.ts');

export const topics = lazy(async () => (await fetchRooms()).Topics);
export const entry = lazy(async () => (await fetchRooms()).Entry);
export const newRoom = lazy(async () => (await fetchRooms()).NewRoom);
export const room = lazy(async () => (await fetchRooms()).About);
export const person = lazy(async () => (await fetchRooms()).Person);
export const mentions = lazy(async () => (await fetchRooms()).Mentions);
export const roomHead = lazy(async () => (await fetchRooms()).RoomHead);
export const roomFoot = lazy(async () => (await fetchRooms()).RoomFoot);
