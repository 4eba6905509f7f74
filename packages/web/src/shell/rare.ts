// Everything that isn't needed to begin, in one file for the network: many small files would each cost a round trip.

export { Accept } from '../screens/accept.tsx';
export { Appearance } from '../screens/appearance.tsx';
export { Compare } from '../screens/compare.tsx';
export { Connect } from '../screens/connect.tsx';
export { Copy } from '../screens/copy.tsx';
export { Details } from '../screens/details.tsx';
export { Erase } from '../screens/erase.tsx';
export { Invite } from '../screens/invite.tsx';
export { Leaving } from '../screens/leaving.tsx';
export { Personas } from '../screens/personas.tsx';
export { Protect } from '../screens/protect.tsx';
export { Relay } from '../screens/relay.tsx';
export { Restore } from '../screens/restore.tsx';
export { Settings } from '../screens/settings.tsx';
export { Stopped } from '../screens/stopped.tsx';
