/** What stops sales now: since when, by whom and why, each with what lets it go on. */

import { useId, useMemo, useState } from "preact/hooks";
import { timeOrDate } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { InForce } from "../api/schema";
import { useConsole } from "../console";
import { Perform } from "../operations/Perform";
import { freezeCall, freezeReach, namesOf, stepCall, stepReach } from "./calls";
import { inForceName, inForceSince } from "./effectWords";
import { useOutlook } from "./outlook";
import "./inforce.css";

/** The list, with what lets each go on; its heading is one of this level. */
export function InForceList({ heading: Heading = "h3" }: { readonly heading?: "h2" | "h3" }) {
  const it = useConsole();
  const id = useId();
  const found = it.kept.emergencies.want().value?.in_force ?? null;
  return (
    <section class="in-force" aria-labelledby={id}>
      <Heading id={id}>{t("emergency.force.title")}</Heading>
      {found !== null && found.length === 0 && <p>{t("emergency.force.none")}</p>}
      {found !== null && found.length > 0 && (
        <ul>
          {found.map((each) => (
            <Item key={`${each.kind} ${each.scope} ${each.name}`} each={each} />
          ))}
        </ul>
      )}
    </section>
  );
}

function sinceOf(each: InForce): string {
  return inForceSince(each, each.since_ms === null ? "" : timeOrDate(each.since_ms));
}

function Item({ each }: { readonly each: InForce }) {
  const it = useConsole();
  const [open, setOpen] = useState(false);
  const name = inForceName(each, namesOf(it));
  const way = t(each.kind === "paused" ? "emergency.step.resume" : "emergency.thaw");
  return (
    <li>
      <p>
        <strong>{name}</strong> <span class="in-force-since">{sinceOf(each)}</span>
      </p>
      {open ? (
        <GoOn each={each} onCancel={() => setOpen(false)} />
      ) : (
        <button type="button" aria-label={t("emergency.force.go_on", { way, name })} onClick={() => setOpen(true)}>
          {way}
        </button>
      )}
    </li>
  );
}

function GoOn({ each, onCancel }: { readonly each: InForce; readonly onCancel: () => void }) {
  return each.kind === "paused" ? <Resume each={each} onCancel={onCancel} /> : <Thaw each={each} onCancel={onCancel} />;
}

interface GoOnProps {
  readonly each: InForce;
  readonly onCancel: () => void;
}

function Thaw({ each: { scope, name }, onCancel }: GoOnProps) {
  const it = useConsole();
  const target = { scope, name };
  const outlook = useOutlook(it, `${scope} ${name}`, () => freezeReach(it, target));
  const operation = useMemo(() => freezeCall(it, target, false, outlook.answer), [outlook]);
  return <Perform operation={operation} onDone={() => it.kept.emergencies.changed()} onCancel={onCancel} />;
}

function Resume({ each: { name }, onCancel }: GoOnProps) {
  const it = useConsole();
  const outlook = useOutlook(it, name, () => stepReach(it, name, "resume"));
  const operation = useMemo(() => stepCall(it, name, namesOf(it).roomOf(name), "resume", outlook.answer), [outlook]);
  return <Perform operation={operation} onDone={() => it.kept.emergencies.changed()} onCancel={onCancel} />;
}
