/** Who a token says its bearer is, and until when. Nothing is verified here: the server does that, and sends what the role may see. */

const BACKSTAGE = new Set(["host", "operator"]);

/** The `role` claim of a JWT; null where there is no token, or none that can be read. */
export function roleOfToken(token: string): string | null {
  const role = claimOf(token, "role");
  return typeof role === "string" ? role : null;
}

/** When a JWT expires, in ms since 1970; null where it does not say. */
export function expiryOfToken(token: string): number | null {
  const seconds = claimOf(token, "exp");
  return typeof seconds === "number" ? seconds * 1000 : null;
}

/** Whether this role works from here: it is sent pace, alerts and cues, answers these, and chooses what is spotlit. */
export function isBackstage(role: string | null): boolean {
  return role !== null && BACKSTAGE.has(role);
}

function claimOf(token: string, name: string): unknown {
  const payload = token.split(".")[1];
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>)[name] : null;
  } catch {
    return null;
  }
}
