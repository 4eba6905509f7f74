// What stands between choosing a file and sending it: what will be sent, what was taken out of it, and a word about it
// for those who can't see it. Not its concern: sending (the worker's), how it is shown later (file-bubble.tsx).

import { useEffect, useRef, useState } from 'preact/hooks';
import type { FileDraft } from '../backend/backend.ts';
import { backend } from '../state/app.ts';
import { wordsFor } from '../state/errors.ts';
import { t } from '../i18n/translate.ts';
import { Player } from '../voice/player.tsx';
import { widenNote } from '../voice/wav.ts';
import { isSound, MAX_BYTES, plainFile, prepare } from './prepare.ts';
import { sizeWords } from './size.ts';

export interface AttachProps {
  readonly conversation: string;
  readonly file: File;
  readonly onClose: () => void;
}

export function Attach({ conversation, file, onClose }: AttachProps) {
  const [draft, setDraft] = useState<FileDraft>();
  const [shown, setShown] = useState('');
  const [wave, setWave] = useState<Blob>();
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const title = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    let [over, address] = [false, ''];
    title.current?.focus();
    void prepare(file)
      .catch(() => undefined)
      .then(async (clean) => {
        const wide =
          clean?.kind === 'voice' ? widenNote(new Uint8Array(await clean.bytes.arrayBuffer())) : undefined;
        if (over) return;
        setDraft(clean ?? plainFile(file));
        if (wide !== undefined) setWave(new Blob([wide.wave], { type: 'audio/wav' }));
        if (clean?.kind !== 'picture') return;
        address = URL.createObjectURL(clean.bytes);
        setShown(address);
      });
    return () => {
      over = true;
      URL.revokeObjectURL(address);
    };
  }, [file]);

  const size = draft?.bytes.size ?? 0;
  const refused = draft !== undefined && (size < 1 || size > MAX_BYTES);
  const isPicture = draft?.kind === 'picture';
  const send = async () => {
    if (draft === undefined) return;
    try {
      await backend().sendFile(conversation, { ...draft, description: words.trim() });
      onClose();
    } catch (error) {
      setWrong(wordsFor(error));
    }
  };

  return (
    <section class="card attach" aria-label={t('attach.title')}>
      <h2 ref={title} tabIndex={-1}>
        {t('attach.title')}
      </h2>
      {draft === undefined ? (
        <p role="status">{t('attach.preparing')}</p>
      ) : (
        <>
          {wave !== undefined && <Player sound={wave} durationMs={draft.durationMs ?? 0} />}
          {shown !== '' && <img class="attached" src={shown} alt={t('file.picture')} />}
          <p dir="auto">
            {isPicture ? t('file.picture') : draft.kind === 'voice' ? t('voice.title') : draft.name} (
            {sizeWords(size)})
          </p>
          <p class="small">{t(whatOf(file, draft))}</p>
          {draft.kind !== 'file' && (
            <label class="field">
              <span class="label small">{t(isPicture ? 'attach.describe' : 'voice.describe')}</span>
              <input
                class="input"
                dir="auto"
                maxLength={250}
                value={words}
                placeholder={t(isPicture ? 'attach.describeWhy' : 'voice.describeWhy')}
                onInput={(event) => setWords(event.currentTarget.value)}
              />
            </label>
          )}
        </>
      )}
      {(refused || wrong !== '') && <p role="alert">{refused ? t('attach.tooLarge') : wrong}</p>}
      <div class="row">
        <button
          type="button"
          class="button main"
          disabled={draft === undefined || refused}
          onClick={() => void send()}
        >
          {t('attach.send')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </section>
  );
}

/** What was taken out of it, or what may still be in it: said before it goes. */
function whatOf(file: File, { kind }: FileDraft) {
  if (kind === 'picture') return 'attach.cleaned';
  if (kind === 'voice') return 'attach.soundCleaned';
  if (file.type.startsWith('image/')) return 'attach.notCleaned';
  return isSound(file) ? 'attach.soundNotCleaned' : 'attach.plain';
}
