/** Proposals to move units between the channels, with how long they last there before and after. */

import { useMemo, useState } from "preact/hooks";
import { useSecond } from "../../../shared/clock";
import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ProposalItem } from "../../api/schema";
import { useConsole } from "../../console";
import { Perform } from "../../operations/Perform";
import { applyProposal, dismissProposal, propose, undoProposal } from "../../operations/split";
import { TextField } from "../form/Plain";
import { Scroll } from "../form/Scroll";
import { coverChange, placeName, stateOf } from "./proposal";

/** So many that are decided are shown below the open ones. */
const DECIDED_SHOWN = 5;

export function Proposals() {
  const it = useConsole();
  const proposals = it.kept.proposals.want().value;
  it.kept.settings.want();
  const [nothing, setNothing] = useState(false);
  const operation = useMemo(() => propose(it, (found) => setNothing(found === null)), [it]);
  if (proposals === null) return <p aria-busy="true">{t("before.reading")}</p>;
  const open = proposals.filter(({ state }) => state === "open");
  const decided = proposals.filter(({ state }) => state !== "open").slice(0, DECIDED_SHOWN);
  return (
    <section aria-label={t("before.proposals")}>
      <h4>{t("before.proposals")}</h4>
      <div class="card">
        <Perform operation={operation} />
        {nothing && <p role="status">{t("before.proposals.nothing")}</p>}
      </div>
      <ul class="list">
        {[...open, ...decided].map((each) => (
          <ProposalCard key={each.id} proposal={each} />
        ))}
      </ul>
    </section>
  );
}

function ProposalCard({ proposal }: { readonly proposal: ProposalItem }) {
  const it = useConsole();
  const state = stateOf(proposal, useSecond().value);
  const channels = it.kept.channels.value.value ?? [];
  const titleOf = (name: string) => channels.find((each) => each.channel === name)?.title || name;
  const name = t("before.proposal", { at: timeOrDate(proposal.made_at_ms), units: count(proposal.units) });
  return (
    <li class="card" aria-label={name}>
      <div class="card-head">
        <strong>{name}</strong>
        <span class="badge" data-state={state}>
          {t(`before.proposal.state.${state}`)}
        </span>
        {state === "open" && (
          <span class="quiet">{t("before.proposal.until", { at: timeOrDate(proposal.lapses_at_ms) })}</span>
        )}
        {proposal.reason !== "" && <span class="quiet">{proposal.reason}</span>}
      </div>
      <Scroll label={name}>
        <table class="sheet small">
          <thead>
            <tr>
              <th scope="col">{t("before.sku")}</th>
              <th scope="col" class="number">
                {t("before.units")}
              </th>
              <th scope="col">{t("before.proposal.from")}</th>
              <th scope="col">{t("before.proposal.lasts_there")}</th>
              <th scope="col">{t("before.proposal.to")}</th>
              <th scope="col">{t("before.proposal.lasts_there")}</th>
            </tr>
          </thead>
          <tbody>
            {proposal.moves.map((move) => (
              <tr key={`${move.sku} ${move.source} ${move.target}`}>
                <th scope="row">{it.titleOf(move.sku)}</th>
                <td class="number">{count(move.qty)}</td>
                <td>{placeName(move.source, titleOf)}</td>
                <td>{coverChange(move, "source")}</td>
                <td>{placeName(move.target, titleOf)}</td>
                <td>{coverChange(move, "target")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Decide proposal={proposal} state={state} />
    </li>
  );
}

interface DecideProps {
  readonly proposal: ProposalItem;
  readonly state: ProposalItem["state"];
}

function Decide({ proposal, state }: DecideProps) {
  const it = useConsole();
  const [dismissing, setDismissing] = useState(false);
  const [reason, setReason] = useState("");
  const apply = useMemo(() => applyProposal(it, proposal), [it, proposal]);
  const dismiss = useMemo(() => dismissProposal(it, proposal, reason), [it, proposal, reason]);
  const undo = useMemo(() => undoProposal(it, proposal), [it, proposal]);
  if (state === "applied") return <Perform operation={undo} />;
  if (state !== "open") return null;
  if (!dismissing) {
    return (
      <div class="decide">
        <Perform operation={apply} />
        <button type="button" onClick={() => setDismissing(true)}>
          {t("before.proposal.dismiss")}
        </button>
      </div>
    );
  }
  return (
    <div>
      <TextField label={t("before.proposal.reason")} value={reason} onValue={setReason} />
      <Perform operation={dismiss} onCancel={() => setDismissing(false)} />
    </div>
  );
}
