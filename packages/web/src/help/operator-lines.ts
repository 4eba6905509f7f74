// The operator's own helplines: one signed file beside the site's own (docs/care.md), laid over the lines that ship with
// it. Fetched whole, so that nobody learns for which country; kept on this device, so that it is there without a network.
// Anything that isn't signed, older than what was seen, or breaks a rule changes nothing. Not its concern: which line
// comes first (@sotto/care), how it looks (help.tsx).

import { applyPack, directory as builtIn, openPack, type Directory, type HelplinePack } from '@sotto/care';
import { signal } from '@preact/signals';

/** What Help shows from. */
export const lines = signal<Directory>(builtIn);

const PATH = '/helplines.json';
const KEPT = 'helplines';

interface SignedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}
interface Kept extends SignedFile {
  /** The day on which it was accepted: a file once accepted doesn't vanish a year later. */
  readonly acceptedOn: string;
}
type Verify = (bytes: Uint8Array, signature: Uint8Array) => Promise<boolean>;

let showing: Promise<HelplinePack | undefined> | undefined;
let following: Promise<void> | undefined;

/** Shows the file that this device keeps, if any; asks no network. Once a page. */
export async function showKeptLines(): Promise<void> {
  showing ??= openKept().catch(() => undefined);
  await showing;
}

/** Shows the kept file, then a newer one if there is one. Once a page. */
export function followOperatorLines(): Promise<void> {
  following ??= follow().catch(() => undefined);
  return following;
}

async function openKept(): Promise<HelplinePack | undefined> {
  const kept = readKept();
  if (SOTTO_SITE.helplinesKey === '' || kept === undefined) return undefined;
  const pack = await open(kept, await verifier(), kept.acceptedOn);
  if (pack !== undefined) show(pack);
  return pack;
}

async function follow(): Promise<void> {
  if (SOTTO_SITE.helplinesKey === '') return;
  await showKeptLines();
  const before = await showing;
  const verify = await verifier();
  const fetched = await fetchFile();
  if (fetched === undefined) return;
  const acceptedOn = new Date().toISOString().slice(0, 10);
  const pack = await open(fetched, verify, acceptedOn);
  if (pack === undefined || pack.version <= (before?.version ?? 0)) return;
  show(pack);
  keep({ ...fetched, acceptedOn });
}

function show(pack: HelplinePack): void {
  lines.value = applyPack(builtIn, pack).directory;
}

async function open(file: SignedFile, verify: Verify, day: string): Promise<HelplinePack | undefined> {
  return openPack(file, verify, day).catch(() => undefined);
}

/** ECDSA on P-256 with SHA-256: of what signs, the one that every browser we build for knows by itself. */
async function verifier(): Promise<Verify> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('spki', fromBase64(SOTTO_SITE.helplinesKey), algorithm, false, [
    'verify',
  ]);
  return (bytes, signature) => crypto.subtle.verify(algorithm, key, signature.slice(), bytes.slice());
}

async function fetchFile(): Promise<SignedFile | undefined> {
  const [file, signature] = await Promise.all(
    [PATH, `${PATH}.sig`].map((path) => fetch(path, { credentials: 'omit' })),
  );
  if (file?.ok !== true || signature?.ok !== true) return undefined;
  return {
    bytes: new Uint8Array(await file.arrayBuffer()),
    signature: fromBase64((await signature.text()).trim()),
  };
}

function readKept(): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '') as Record<
      'text' | 'signature' | 'acceptedOn',
      string
    >;
    const bytes = new TextEncoder().encode(kept.text);
    return { bytes, signature: fromBase64(kept.signature), acceptedOn: kept.acceptedOn };
  } catch {
    return undefined;
  }
}

function keep({ bytes, signature, acceptedOn }: Kept): void {
  try {
    const text = new TextDecoder().decode(bytes);
    localStorage.setItem(
      KEPT,
      JSON.stringify({ text, signature: btoa(String.fromCharCode(...signature)), acceptedOn }),
    );
  } catch {
    // A browser that keeps nothing asks for it again next time.
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
