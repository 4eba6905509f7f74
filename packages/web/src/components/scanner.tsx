// Reads a QR code from the camera or from a picture, on the device. Loaded only when someone asks to scan. Not its
// concern: what the code means.

import { decodeQR } from 'qr/decode.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/translate.ts';

export interface Scanned {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const LARGEST = 1_200;

/** One letter a byte, so that codes that hold bytes and codes that hold text both come through whole. */
const letterPerByte = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function readCode(source: CanvasImageSource, width: number, height: number): Scanned | undefined {
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  try {
    const text = decodeQR(image, { textDecoder: letterPerByte });
    return { text, bytes: Uint8Array.from(text, (letter) => letter.charCodeAt(0)) };
  } catch {
    // It throws where there is no code in the picture.
    return undefined;
  }
}

export function Scanner({ onFound }: { onFound: (found: Scanned) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [words, setWords] = useState('');
  const [camera, setCamera] = useState(false);

  useEffect(() => {
    if (!camera) return undefined;
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = () => {
      const view = video.current;
      if (over || view === null) return;
      const found = view.videoWidth > 0 ? readCode(view, view.videoWidth, view.videoHeight) : undefined;
      if (found !== undefined) {
        onFound(found);
        return;
      }
      timer = setTimeout(look, 200);
    };
    const begin = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (over || video.current === null) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      video.current.srcObject = stream;
      await video.current.play();
      look();
    };
    begin().catch(() => {
      setWords(t('scan.noCamera'));
      setCamera(false);
    });
    return () => {
      over = true;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [camera]);

  const pick = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      const image = await createImageBitmap(file);
      const found = readCode(image, image.width, image.height);
      if (found === undefined) setWords(t('scan.nothing'));
      else onFound(found);
    } catch {
      setWords(t('scan.nothing'));
    }
  };

  return (
    <div class="stack loose">
      {camera && <video class="video" ref={video} muted playsInline aria-label={t('scan.camera')} />}
      <div class="row">
        {!camera && (
          <button type="button" class="button" onClick={() => setCamera(true)}>
            {t('scan.camera')}
          </button>
        )}
        <label class="button">
          {t('scan.picture')}
          <input
            type="file"
            accept="image/*"
            class="unseen"
            onChange={(event) => void pick(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
      {words !== '' && <p role="status">{words}</p>}
    </div>
  );
}
