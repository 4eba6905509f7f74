// HPKE (RFC 9180) with the X-Wing KEM (X25519 and ML-KEM-768 together), HKDF-SHA512 and AES-256-GCM, by @hpke/core and
// @hpke/hybridkem-x-wing, which are loaded when first asked for. For rooms whose card says post-quantum.
import { SottoError } from '../errors.ts';

interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}
interface Exporting {
  readonly info: Uint8Array;
  readonly context: Uint8Array;
}

/** The same five operations as hpke.ts has. All throw SottoError CRYPTO_OPEN. */
export interface XWing {
  keyPair(ikm: Uint8Array): Promise<{ secretKey: Uint8Array; publicKey: Uint8Array }>;
  seal(input: {
    publicKey: Uint8Array;
    info: Uint8Array;
    associated: Uint8Array;
    plaintext: Uint8Array;
  }): Promise<Sealed>;
  open(input: {
    secretKey: Uint8Array;
    enc: Uint8Array;
    info: Uint8Array;
    associated: Uint8Array;
    ciphertext: Uint8Array;
  }): Promise<Uint8Array>;
  sendExport(
    publicKey: Uint8Array,
    of: Exporting,
    length: number,
  ): Promise<{ enc: Uint8Array; secret: Uint8Array }>;
  receiveExport(secretKey: Uint8Array, enc: Uint8Array, of: Exporting, length: number): Promise<Uint8Array>;
}

const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new SottoError('CRYPTO_OPEN', { cause });
  }
}

async function load(): Promise<XWing> {
  const [{ Aes256Gcm, CipherSuite, HkdfSha512 }, { XWing: Kem }] = await Promise.all([
    import('@hpke/core'),
    import('@hpke/hybridkem-x-wing'),
  ]);
  const suite = new CipherSuite({ kem: new Kem(), kdf: new HkdfSha512(), aead: new Aes256Gcm() });
  const { kem } = suite;
  const publicOf = (bytes: Uint8Array): Promise<CryptoKey> => kem.deserializePublicKey(buffer(bytes));
  const secretOf = (bytes: Uint8Array): Promise<CryptoKey> => kem.deserializePrivateKey(buffer(bytes));
  return {
    keyPair: (ikm) =>
      guarded(async () => {
        const pair = await kem.deriveKeyPair(buffer(ikm));
        return {
          secretKey: new Uint8Array(await kem.serializePrivateKey(pair.privateKey)),
          publicKey: new Uint8Array(await kem.serializePublicKey(pair.publicKey)),
        };
      }),
    seal: (input) =>
      guarded(async () => {
        const recipientPublicKey = await publicOf(input.publicKey);
        const { enc, ct } = await suite.seal(
          { recipientPublicKey, info: buffer(input.info) },
          buffer(input.plaintext),
          buffer(input.associated),
        );
        return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
      }),
    open: (input) =>
      guarded(async () => {
        const recipientKey = await secretOf(input.secretKey);
        const to = { recipientKey, enc: buffer(input.enc), info: buffer(input.info) };
        return new Uint8Array(await suite.open(to, buffer(input.ciphertext), buffer(input.associated)));
      }),
    sendExport: (publicKey, of, length) =>
      guarded(async () => {
        const recipientPublicKey = await publicOf(publicKey);
        const context = await suite.createSenderContext({ recipientPublicKey, info: buffer(of.info) });
        const secret = await context.export(buffer(of.context), length);
        return { enc: new Uint8Array(context.enc), secret: new Uint8Array(secret) };
      }),
    receiveExport: (secretKey, enc, of, length) =>
      guarded(async () => {
        const recipientKey = await secretOf(secretKey);
        const to = { recipientKey, enc: buffer(enc), info: buffer(of.info) };
        const context = await suite.createRecipientContext(to);
        return new Uint8Array(await context.export(buffer(of.context), length));
      }),
  };
}

let loading: Promise<XWing> | undefined;

/** Loads the code when first called. */
export function xWing(): Promise<XWing> {
  loading ??= load();
  return loading;
}
