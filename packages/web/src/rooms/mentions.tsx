// While somebody is being named behind an @: the members that may be meant, one tap each.

import { useEffect } from 'preact/hooks';
import { beingNamed, roomMembers } from '../state/room-members.ts';
import { t } from '../i18n/translate.ts';
import { useRoomDetails } from './about.tsx';

const MOST = 6;

export function Mentions(props: {
  readonly id: string;
  readonly text: string;
  readonly onPick: (text: string) => void;
}) {
  const members = useRoomDetails(props.id)?.members;
  useEffect(() => {
    roomMembers.value = (members ?? []).filter(({ isMe }) => !isMe).map(({ id, name }) => ({ id, name }));
  }, [members]);
  const begun = beingNamed(props.text);
  if (begun === undefined) return null;
  const meant = roomMembers.value
    .filter(({ name }) => name !== '' && name.toLowerCase().startsWith(begun.toLowerCase()))
    .slice(0, MOST);
  if (meant.length === 0) return null;
  return (
    <div class="row" role="group" aria-label={t('people.title')}>
      {meant.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          class="button"
          onClick={() => props.onPick(`${props.text.slice(0, props.text.length - begun.length)}${name} `)}
        >
          <span dir="auto">@{name}</span>
        </button>
      ))}
    </div>
  );
}
