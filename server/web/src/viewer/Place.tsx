/** A place on a waitlist: where it stands, and the way out of it. */

import type { Place } from "@shelfcast/client";
import { t } from "../shared/i18n";
import { useViewer } from "./model/viewer";
import { bandText, stoppedText, withPeople } from "./model/waitwords";
import "./buttons.css";

/** "You are among the first 10 who wait. 23 wait." While nothing is given, why. */
export function Standing({ place }: { place: Place }) {
  const { live } = useViewer();
  const stopped = stoppedText(place);
  if (stopped !== "") return <>{stopped}</>;
  const people = live.sku(place.sku).value?.waiting ?? 0;
  // That the viewer waits is said already.
  return <>{withPeople(t("wait.you", { band: bandText(place) }), people > 1 ? people : 0)}</>;
}

export function Leave({ place, settled = true }: { place: Place; settled?: boolean }) {
  const viewer = useViewer();
  const leaving = viewer.waits.isLeaving(place.id);
  return (
    <button
      type="button"
      class="give-back leave"
      aria-disabled={leaving || !settled}
      onClick={leaving || !settled ? undefined : () => void viewer.waits.leave(place)}
    >
      {t(leaving ? "wait.leaving" : "wait.leave")}
      <span class="visually-hidden"> {t("wait.leave_named", { title: viewer.titleOf(place) })}</span>
    </button>
  );
}
