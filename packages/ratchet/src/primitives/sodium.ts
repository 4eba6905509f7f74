// libsodium, ready. Its WebAssembly loads asynchronously while libsignal's key classes are synchronous,
// so this module waits once, at import: whoever imported the package may call everything at once.
import sodium from 'libsodium-wrappers';

await sodium.ready;

export { sodium };
