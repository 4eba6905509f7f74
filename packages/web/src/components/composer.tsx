// Where one writes: a draft that is kept, a reply or a change, a content warning, and a look at details that would tell
// who one is before they go to someone unknown. Not its concern: delivery (the worker's).

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PersonalDetail } from '@sotto/care';
import type { ConversationView, MessageView, SendDraft } from '../backend/backend.ts';
import { Attach, VoiceNote } from '../attachments/parts.ts';
import { backend } from '../state/app.ts';
import { mentions } from '../shell/room-parts.ts';
import { namedIn } from '../state/room-members.ts';
import { draftOf, keepDraft } from '../state/drafts.ts';
import { wordsFor } from '../state/errors.ts';
import { t } from '../i18n/translate.ts';
import { Icon } from './icon.tsx';
import { detailsIn } from './personal-details.ts';

export type Writing =
  { readonly as: 'new' } | { readonly as: 'reply' | 'edit'; readonly message: MessageView };

interface ComposerProps {
  readonly one: ConversationView;
  readonly writing: Writing;
  readonly onWriting: (writing: Writing) => void;
}

/** On a keyboard Enter sends; on a touch screen it begins a new line. */
const finePointer = matchMedia('(pointer: fine)');

export function Composer({ one, writing, onWriting }: ComposerProps) {
  const [text, setText] = useState(() => draftOf(one.id, one.draft));
  const [warning, setWarning] = useState<string>();
  const [details, setDetails] = useState<readonly PersonalDetail['kind'][]>([]);
  const [wrong, setWrong] = useState('');
  const [attaching, setAttaching] = useState<File | 'voice'>();
  const chooser = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    if (writing.as === 'new') return;
    if (writing.as === 'edit') setText(writing.message.text ?? '');
    area.current?.focus();
  }, [writing]);
  useLayoutEffect(() => fit(area.current), [text]);

  const type = (next: string) => {
    setText(next);
    setWrong('');
    if (details.length > 0) setDetails([]);
    if (writing.as !== 'edit') keepDraft(backend(), one.id, next);
  };
  const clear = (to = '') => {
    setText(to);
    setWarning(undefined);
    setDetails([]);
    onWriting({ as: 'new' });
  };

  const send = async (anyway: boolean) => {
    const said = text.trim();
    if (said === '') return;
    if (!anyway && one.compared !== true) {
      const found = await detailsIn(said);
      if (found.length > 0) {
        setDetails(found);
        return;
      }
    }
    if (writing.as === 'edit') {
      await backend().edit(one.id, writing.message.id, said);
      clear(draftOf(one.id, ''));
      return;
    }
    const draft: SendDraft = {
      text: said,
      ...(writing.as === 'reply' ? { replyTo: writing.message.id } : {}),
      ...(warning === undefined || warning.trim() === '' ? {} : { warning: warning.trim() }),
      ...(one.room === undefined ? {} : { mentions: namedIn(said) }),
    };
    clear();
    keepDraft(backend(), one.id, '');
    try {
      await backend().send(one.id, draft);
    } catch (error) {
      // Nothing typed is ever lost: it's back in the box, with what went wrong.
      setText(said);
      keepDraft(backend(), one.id, said);
      throw error;
    }
  };
  const trySend = (anyway: boolean) => {
    send(anyway).catch((error: unknown) => setWrong(wordsFor(error)));
    area.current?.focus();
  };

  const mayAttach = writing.as === 'new' && one.room?.state.maySendFiles !== false;
  const endAttaching = () => {
    setAttaching(undefined);
    area.current?.focus();
  };

  return (
    <>
      {attaching === 'voice' && <VoiceNote.View conversation={one.id} onClose={endAttaching} />}
      {attaching instanceof File && (
        <Attach.View conversation={one.id} file={attaching} onClose={endAttaching} />
      )}
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          trySend(false);
        }}
      >
        {writing.as !== 'new' && (
          <div class="composer-note">
            <p class="grow small">
              {t(writing.as === 'edit' ? 'composer.editing' : 'composer.replying')}{' '}
              <span class="muted" dir="auto">
                {(writing.message.text ?? '').slice(0, 120)}
              </span>
            </p>
            <button
              type="button"
              class="button icon"
              aria-label={t('cancel')}
              onClick={() => clear(draftOf(one.id, ''))}
            >
              <Icon name="close" />
            </button>
          </div>
        )}
        {details.length > 0 && (
          <div class="card" role="alert">
            <p>
              {t('composer.details', { what: details.map((kind) => t(`care.personal.${kind}`)).join(', ') })}
            </p>
            <div class="row">
              <button type="button" class="button" onClick={() => area.current?.focus()}>
                {t('composer.change')}
              </button>
              <button type="button" class="button" onClick={() => trySend(true)}>
                {t('composer.anyway')}
              </button>
            </div>
          </div>
        )}
        {warning !== undefined && (
          <label class="field">
            <span class="label small">{t('composer.warning')}</span>
            <input
              class="input"
              value={warning}
              maxLength={60}
              placeholder={t('composer.warningExample')}
              onInput={(event) => setWarning(event.currentTarget.value)}
            />
          </label>
        )}
        {wrong !== '' && <p role="alert">{wrong}</p>}
        {one.room !== undefined && (
          <mentions.View
            id={one.id}
            text={text}
            onPick={(next) => {
              type(next);
              area.current?.focus();
            }}
          />
        )}
        <div class="composer-line">
          {writing.as !== 'edit' && (
            <button
              type="button"
              class="button icon"
              aria-label={t('composer.warn')}
              title={t('composer.warn')}
              aria-pressed={warning !== undefined}
              onClick={() => setWarning(warning === undefined ? '' : undefined)}
            >
              <Icon name="veil" />
            </button>
          )}
          {mayAttach && (
            <>
              <input
                ref={chooser}
                type="file"
                hidden
                onChange={({ currentTarget }) => {
                  setAttaching(currentTarget.files?.[0]);
                  // The same file may be chosen again.
                  currentTarget.value = '';
                }}
              />
              <button
                type="button"
                class="button icon"
                aria-label={t('attach.add')}
                title={t('attach.add')}
                onClick={() => chooser.current?.click()}
              >
                <Icon name="clip" />
              </button>
            </>
          )}
          <textarea
            ref={area}
            class="textarea"
            rows={1}
            dir="auto"
            value={text}
            placeholder={t('composer.placeholder')}
            aria-label={t('composer.label', { name: one.name })}
            onInput={(event) => type(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape' && (writing.as !== 'new' || details.length > 0)) {
                event.preventDefault();
                if (writing.as === 'new') setDetails([]);
                else clear(draftOf(one.id, ''));
                return;
              }
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !finePointer.matches)
                return;
              event.preventDefault();
              trySend(false);
            }}
          />
          {/* One place for both: an empty message is never sent, and on a phone the words need the room. */}
          {mayAttach && text.trim() === '' ? (
            <button
              key="voice"
              type="button"
              class="button icon voice"
              aria-label={t('voice.record')}
              title={t('voice.record')}
              disabled={attaching === 'voice'}
              onClick={() => setAttaching('voice')}
            >
              <Icon name="voice" />
            </button>
          ) : (
            <button
              key="send"
              type="submit"
              class="button main"
              aria-label={t('composer.send')}
              disabled={text.trim() === ''}
            >
              <Icon name="send" />
            </button>
          )}
        </div>
      </form>
    </>
  );
}

/** Browsers that can't size a field by its content yet get it from here. */
function fit(area: HTMLTextAreaElement | null): void {
  if (area === null || CSS.supports('field-sizing', 'content')) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + 2}px`;
}
