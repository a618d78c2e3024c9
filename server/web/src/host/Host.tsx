/** What a host sees on the second screen: what is on, what comes, how it sells, what the operator says. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Access } from "../shared/access";
import type { LiveBackstage } from "../shared/backstage";
import { useNow } from "../shared/clock";
import { t } from "../shared/i18n";
import { NO_TRAIL, type Place, placeOf, stepTo, trailOf } from "../shared/runorder";
import { whyText } from "../shared/why";
import { Alerts } from "./Alerts";
import type { Acknowledging } from "./acknowledging";
import { Cues } from "./Cues";
import { Current } from "./Current";
import { Header } from "./Header";
import { useKeys } from "./hotkeys";
import { NoAccess } from "./NoAccess";
import { Notice } from "./Notice";
import { RunOrder } from "./RunOrder";
import { isBackstage, roleOfToken } from "./role";
import { Steps } from "./Steps";
import type { Stepper } from "./stepper";
import type { Trends } from "./trend";

interface Props {
  readonly live: LiveBackstage;
  readonly access: Access;
  readonly room: string;
  readonly stepper: Stepper;
  readonly acknowledging: Acknowledging;
  readonly noting: Acknowledging;
  readonly snoozing: Acknowledging;
  readonly trends: Trends;
}

export function Host(props: Props) {
  const { live, access, room } = props;
  const { current, error, oldSinceMs } = live.connection.value;
  if (error !== null) return <NoAccess room={room} error={error} hadToken={access.kind.value !== "anonymous"} />;
  // Before the first snapshot nothing is known, not even the role: the token may still be on its way.
  if (!current && oldSinceMs === null) {
    return <Waiting live={live} />;
  }
  return isBackstage(roleOfToken(access.current())) ? <Backstage {...props} /> : <NoAccess room={room} error={null} />;
}

function Waiting({ live }: Pick<Props, "live">) {
  const now = useNow();
  return (
    <main class="waiting">
      <div role="status">
        <p>{t("stale.connecting")}…</p>
        <p class="why">{whyText(live.connection.value, now.value)}</p>
      </div>
    </main>
  );
}

function Backstage({ live, access, room, stepper, acknowledging, noting, snoozing, trends }: Props) {
  const place = usePlace(live);
  const shortcuts = useKeys({
    next: () => step("next"),
    previous: () => step("previous"),
    acknowledge: () => void acknowledging.acknowledgeOldest(live.cues.peek()),
  });
  function step(direction: "next" | "previous") {
    const sku = stepTo(live.shelf.peek(), place.peek(), direction);
    if (sku !== null && live.connection.peek().current) stepper.go(sku);
  }
  return (
    <div class="backstage">
      <Header live={live} access={access} room={room} shortcuts={shortcuts} />
      <main class="desk">
        <Current live={live} trends={trends} />
        <div class="said-to-host">
          <Cues live={live} acknowledging={acknowledging} />
          <Notice live={live} />
        </div>
        <div class="of-the-shelf">
          <Alerts live={live} noting={noting} snoozing={snoozing} />
          <RunOrder live={live} place={place} stepper={stepper} />
        </div>
      </main>
      <Steps live={live} place={place} stepper={stepper} onStep={step} />
    </div>
  );
}

/** Where the show is in its run order, also once what was on has left the shelf. */
function usePlace({ shelf, spotlight }: LiveBackstage): ReadonlySignal<Place> {
  const trail = useRef(NO_TRAIL);
  return useComputed(() => {
    trail.current = trailOf(shelf.value, spotlight.value, trail.current);
    return placeOf(shelf.value, spotlight.value, trail.current);
  });
}
