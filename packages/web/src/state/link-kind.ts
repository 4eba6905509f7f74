// What a link leads to, from its second byte (docs/protocol.md section 5): which screen shows it. Not its concern:
// whether the link is whole and lives, which the worker finds out.

export type LinkLeadsTo = 'invite' | 'room';

const ROOM_KINDS = new Set([3, 4]);

export function linkLeadsTo(link: string): LinkLeadsTo {
  const fragment = link.slice(link.indexOf('#') + 1, link.indexOf('#') + 5);
  try {
    const [, kind] = Uint8Array.from(atob(fragment.replaceAll('-', '+').replaceAll('_', '/')), (c) =>
      c.charCodeAt(0),
    );
    return kind !== undefined && ROOM_KINDS.has(kind) ? 'room' : 'invite';
  } catch {
    return 'invite';
  }
}
