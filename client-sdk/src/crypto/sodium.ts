// The one door to libsodium (XChaCha20-Poly1305, Ed25519, X25519, BLAKE2b, compiled to WebAssembly).
// `ready()` must have resolved before any function of this folder that needs it; entry points await it once.
import sodium from 'libsodium-wrappers';

/** Resolves when the primitives can be called synchronously. Cheap to call again. */
export async function ready(): Promise<void> {
  await sodium.ready;
}

export { sodium };
