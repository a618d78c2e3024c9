/** The key that makes a write happen once, however often it is sent. */

const BYTES = 12;

export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(BYTES)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
