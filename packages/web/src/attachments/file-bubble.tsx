// A file in a bubble: nothing is fetched, shown or saved before someone taps. A stranger's picture stays blurred until
// then even when it is here. Not its concern: the bubble around it (components/message.tsx).

import { useEffect, useState } from 'preact/hooks';
import type { MessageView } from '../backend/backend.ts';
import { backend } from '../state/app.ts';
import { codeOf } from '../state/errors.ts';
import { t } from '../i18n/translate.ts';
import { until } from '../i18n/dates.ts';
import { minutes, Player } from '../voice/player.tsx';
import { widenNote } from '../voice/wav.ts';
import { sizeWords } from './size.ts';

export interface FileBubbleProps {
  readonly message: MessageView;
  readonly conversation: string | undefined;
}

export function FileBubble({ message, conversation }: FileBubbleProps) {
  const [picture, setPicture] = useState('');
  const [sound, setSound] = useState<Blob>();
  const [wrong, setWrong] = useState<'file.gone' | 'file.wrong'>();
  useEffect(() => () => URL.revokeObjectURL(picture), [picture]);
  const { file } = message;
  if (file === undefined || conversation === undefined) return null;
  const isPicture = file.kind === 'picture';
  const isVoice = file.kind === 'voice';

  const fetchIt = async () => {
    setWrong(undefined);
    try {
      const blob = await backend().openFile(conversation, message.id);
      if (isPicture) setPicture(URL.createObjectURL(blob));
      else if (isVoice) setSound(await playable(blob));
      else save(blob, file.name);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'SPILL_STOPPED') setWrong(code === 'SPILL_GONE' ? 'file.gone' : 'file.wrong');
    }
  };
  const stop = () => {
    const here = backend();
    const stopped = message.mine
      ? here.cancelFile(conversation, message.id)
      : here.stopFile(conversation, message.id);
    stopped.catch(() => setWrong('file.wrong'));
  };

  const words = { name: file.name, size: sizeWords(file.length) };
  const isWaiting = message.mine && message.delivery?.state === 'waiting';
  const moved = message.moved ?? (isWaiting ? 0 : undefined);
  const time = minutes(file.durationMs);
  const label = isVoice
    ? t(file.isHere ? 'voice.listen' : 'voice.fetch', { ...words, time })
    : isPicture
      ? t(file.isHere ? 'file.show' : 'file.fetch', { ...words, name: t('file.picture') })
      : t(file.isHere ? 'file.save' : 'file.fetch', words);
  return (
    <span class="file">
      {sound !== undefined ? (
        <Player sound={sound} durationMs={file.durationMs} />
      ) : picture !== '' ? (
        <img
          class="attached"
          src={picture}
          alt={file.description === '' ? t('file.picture') : file.description}
          width={file.width}
          height={file.height}
        />
      ) : (
        <>
          {isPicture && <Preview bytes={file.preview} />}
          <button
            type="button"
            class="button"
            disabled={message.moved !== undefined && !message.mine}
            onClick={() => void fetchIt()}
          >
            <span dir="auto">{label}</span>
          </button>
        </>
      )}
      {file.description !== '' && <span dir="auto">{file.description}</span>}
      {moved !== undefined && (
        <span class="row">
          <progress
            value={moved}
            max={file.length}
            aria-label={t('file.progress', { percent: Math.floor((100 * moved) / file.length) })}
          />
          <button type="button" class="button" onClick={stop}>
            {t('file.stop')}
          </button>
        </span>
      )}
      {wrong !== undefined && <span role="alert">{t(wrong)}</span>}
      {!file.isHere && file.keptUntil > 0 && (
        <span class="small muted">{t('file.kept', { day: until(file.keptUntil) })}</span>
      )}
      {file.kind === 'file' && !message.mine && <span class="small muted">{t('file.care')}</span>}
    </span>
  );
}

/** The sender's small picture, blurred beyond recognition. */
function Preview({ bytes }: { bytes: Uint8Array | undefined }) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    if (bytes === undefined) return undefined;
    const made = URL.createObjectURL(new Blob([bytes.slice()], { type: 'image/jpeg' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  if (address === '') return null;
  return <img class="blurred" src={address} alt="" />;
}

/** A note of this client's is widened for every browser; whatever else is called one plays if the browser can. */
async function playable(blob: Blob): Promise<Blob> {
  const wide = widenNote(new Uint8Array(await blob.arrayBuffer()));
  return wide === undefined ? blob : new Blob([wide.wave], { type: 'audio/wav' });
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
