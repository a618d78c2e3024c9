/** Ids of requests. */

/** About 128 random bits; `crypto.randomUUID` is there in secure contexts alone. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(36)).join("");
}
