// Who a session is with: a name and a device number. Names that are service ids (a UUID, or "PNI:" and a UUID)
// are recognised, since they change what a first message carries (docs/ratchet.md section 6.4).
import type { Bytes } from './bytes.ts';
import { LibSignalErrorBase } from './errors.ts';
import { u32 } from './numbers.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const KIND_ACI = 0;
const KIND_PNI = 1;

/** A peer's (or one's own) name and device, 1 to 127. */
export class ProtocolAddress {
  readonly #name: string;
  readonly #deviceId: number;

  private constructor(name: string, deviceId: number) {
    this.#name = name;
    this.#deviceId = deviceId;
  }

  /** @throws LibSignalErrorBase InvalidProtocolAddress for a device outside 1–127; RangeError for no integer at all. */
  static new(name: string, deviceId: number): ProtocolAddress {
    if (u32(deviceId) < 1 || deviceId > 127) {
      const text = `protocol address is invalid: device ${deviceId}`;
      throw new LibSignalErrorBase(text, 'InvalidProtocolAddress', 'ProtocolAddress_New');
    }
    return new ProtocolAddress(name, deviceId);
  }

  name(): string {
    return this.#name;
  }

  deviceId(): number {
    return this.#deviceId;
  }

  toString(): string {
    return `${this.#name}.${this.#deviceId}`;
  }
}

/** kind ‖ 16 UUID bytes ‖ device, when the name is a service id. */
function serviceIdBytes(address: ProtocolAddress): Uint8Array | undefined {
  const name = address.name();
  const isPni = name.startsWith('PNI:');
  const uuid = isPni ? name.slice(4) : name;
  if (!UUID.test(uuid)) return undefined;
  const hex = uuid.replaceAll('-', '');
  const out = new Uint8Array(18);
  out[0] = isPni ? KIND_PNI : KIND_ACI;
  for (let i = 0; i < 16; i++) out[1 + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  out[17] = address.deviceId();
  return out;
}

/** The 36 bytes that bind a first message to both ends; `undefined` unless both names are service ids. */
export function addressBinding(sender: ProtocolAddress, recipient: ProtocolAddress): Bytes | undefined {
  const from = serviceIdBytes(sender);
  const to = serviceIdBytes(recipient);
  if (!from || !to) return undefined;
  const out = new Uint8Array(36);
  out.set(from);
  out.set(to, 18);
  return out;
}

/** Whether two names are the same service id: what libsignal asks when it looks for a session with oneself. */
export function isSameServiceId(a: ProtocolAddress, b: ProtocolAddress): boolean {
  const first = serviceIdBytes(a);
  const second = serviceIdBytes(b);
  return (
    first !== undefined &&
    second !== undefined &&
    first.subarray(0, 17).join() === second.subarray(0, 17).join()
  );
}
