// What can be done with one message: a kind word back, answer, copy, change, take back. Opens in place, under it.

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { MessageView } from '../backend/backend.ts';
import { backend, conversations } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { go } from '../state/place.ts';
import { t } from '../i18n/translate.ts';
import { conversationHere, REACTIONS, type SaidDeeds } from './said-deeds.ts';

interface MenuProps {
  readonly message: MessageView;
  readonly deeds: SaidDeeds;
  readonly onClose: () => void;
}

export function MessageMenu({ message, deeds, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  // Before anything is pressed again: Escape outside the menu is a step back from the conversation.
  useLayoutEffect(() => {
    menu.current?.querySelector('button')?.focus();
    menu.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const conversation = conversationHere();
  const one = conversations.peek().find(({ id }) => id === conversation);
  const isPinned = one?.room?.state.pinned === message.id;
  const mine = message.reactions.find((reaction) => reaction.mine)?.reaction;
  const doAndClose = (deed: () => unknown) => () => {
    attempt(deed);
    onClose();
  };
  return (
    <div
      class="menu"
      ref={menu}
      role="group"
      aria-label={t('message.deeds')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Else it would be a step back from the conversation too.
        event.preventDefault();
        onClose();
      }}
    >
      {!message.mine && (
        <div class="row" role="group" aria-label={t('message.react')}>
          {REACTIONS.map((reaction) => (
            <button
              key={reaction}
              type="button"
              class="button"
              aria-pressed={mine === reaction}
              onClick={doAndClose(() =>
                backend().react(conversation, message.id, mine === reaction ? undefined : reaction),
              )}
            >
              {t(`reaction.${reaction}`)}
            </button>
          ))}
        </div>
      )}
      <button type="button" class="button quiet start" onClick={doAndClose(() => deeds.onReply(message))}>
        {t('message.reply')}
      </button>
      <button
        type="button"
        class="button quiet start"
        onClick={doAndClose(() => navigator.clipboard.writeText(message.text ?? ''))}
      >
        {t('copy')}
      </button>
      {one?.room?.state.isHost === true && (
        <button
          type="button"
          class="button quiet start"
          onClick={doAndClose(() =>
            backend().roomDeed(conversation, { deed: 'pin', message: isPinned ? undefined : message.id }),
          )}
        >
          {t(isPinned ? 'host.unpin' : 'host.pin')}
        </button>
      )}
      {message.author !== undefined && !message.mine && (
        <button
          type="button"
          class="button quiet start"
          onClick={() => go({ at: 'person', id: conversation, member: message.author?.id ?? '' })}
        >
          {t('person.title', { name: message.author.name })}
        </button>
      )}
      {message.mine && (
        <>
          <button type="button" class="button quiet start" onClick={doAndClose(() => deeds.onEdit(message))}>
            {t('message.edit')}
          </button>
          <button
            type="button"
            class="button quiet start"
            onClick={doAndClose(() => backend().retract(conversation, message.id))}
          >
            {t('message.retract')}
          </button>
        </>
      )}
      <button type="button" class="button quiet start" onClick={onClose}>
        {t('close')}
      </button>
    </div>
  );
}
