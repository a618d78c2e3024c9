/** Who a token says its bearer is. Nothing is verified here: the server does that, and sends what the role may see. */

const BACKSTAGE = new Set(["host", "operator", "service"]);

/** The `role` claim of a JWT; null where there is no token, or none that can be read. */
export function roleOfToken(token: string): string | null {
  const payload = token.split(".")[1];
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    if (typeof claims !== "object" || claims === null || !("role" in claims)) return null;
    return typeof claims.role === "string" ? claims.role : null;
  } catch {
    return null;
  }
}

/** Whether this role is sent pace, alerts and cues, and may choose what is spotlit. */
export function isBackstage(role: string | null): boolean {
  return role !== null && BACKSTAGE.has(role);
}
