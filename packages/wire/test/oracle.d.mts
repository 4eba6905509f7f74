export function oracleEncode(message: 'ClientFrame' | 'RelayFrame', flat: object): Uint8Array;
export function oracleDecode(
  message: 'ClientFrame' | 'RelayFrame',
  bytes: Uint8Array,
): Record<string, unknown> | undefined;
export function pad(message: Uint8Array, size: number): Uint8Array;
