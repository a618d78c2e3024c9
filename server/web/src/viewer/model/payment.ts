/** The demonstration room's payment: one press, no money. */

/** Longer than a busy server needs; after that the viewer may press again, which pays once only. */
const TIMEOUT_MS = 10_000;

export type Payment = { paid: true } | { paid: false; code: string; message: string } | { paid: false; code: null };

/** Pays a hold for show. `code: null` means that no answer came and nothing is known. */
export async function payForShow(room: string, id: string, token: string): Promise<Payment> {
  const address = `/v1/rooms/${encodeURIComponent(room)}/reservations/${encodeURIComponent(id)}/demo-payment`;
  try {
    const answer = await fetch(address, {
      method: "POST",
      // An Authorization would take the place of what a proxy asks for.
      headers: token === "" ? {} : { "Shelfcast-Token": token },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return answer.ok ? { paid: true } : refusal(await answer.json());
  } catch {
    return { paid: false, code: null };
  }
}

function refusal(problem: { code?: unknown; detail?: unknown; title?: unknown }): Payment {
  if (typeof problem.code !== "string") return { paid: false, code: null };
  const message = [problem.detail, problem.title].find((text) => typeof text === "string");
  return { paid: false, code: problem.code, message: (message as string | undefined) ?? problem.code };
}
