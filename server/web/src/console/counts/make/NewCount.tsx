/** A new count: what it is for, which SKUs, and how it is counted. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { count, price, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { type Answer, answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { CountMade, CountPlan } from "../../api/schema";
import { useConsole } from "../../console";
import { problemText } from "../../operations/problem";
import { useDesk } from "../desk";
import { ChoiceField, LinesField, TextField, Tick } from "../form/Fields";
import { MakeForm } from "../form/MakeForm";
import { unitsOf } from "../form/units";
import { readJob } from "../jobs";
import { goTo } from "../parts";
import { leadRefusalText } from "../refusals";
import { Elsewhere } from "./Elsewhere";
import { isLeftEmpty } from "./elsewhere";
import { pickedOf } from "./picked";

const KINDS = ["before", "spot", "after", "cycle"] as const;
type Kind = (typeof KINDS)[number];

/** Which SKUs are counted. */
const WHATS = ["room", "zone", "category", "skus", "due", "pool"] as const;
type What = (typeof WHATS)[number];

const NOTE_MAX = 200;
/** What a pool takes that says nothing (the server's stock/configuration.py). */
const SIGN_OVER_UNITS = 10;
const RECOUNT_OVER_UNITS = 5;

export function NewCount() {
  const it = useConsole();
  const desk = useDesk();
  const settings = it.kept.settings.want().value;
  const catalogue = it.kept.skus.want().value ?? [];
  const listings = it.room === "" ? [] : (it.kept.listings.want().value ?? []);
  const [kind, setKind] = useState<Kind>(it.room === "" ? "spot" : "before");
  const [what, setWhat] = useState<What>(it.room === "" ? "skus" : "room");
  const [zone, setZone] = useState("");
  const [category, setCategory] = useState("");
  const [picked, setPicked] = useState("");
  const [due, setDue] = useState<readonly string[]>([]);
  const [blind, setBlind] = useState(true);
  const [signOver, setSignOver] = useState<string | null>(null);
  const [recountOver, setRecountOver] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<{ readonly made: CountMade; readonly none: boolean } | null>(null);
  const key = useMemo(newKey, []);
  const zones = valuesOf(catalogue.map((each) => each.zone));
  const categories = valuesOf(catalogue.map((each) => each.category));
  const found = pickedOf(picked, catalogue, listings);
  if (made !== null) return <Elsewhere made={made.made} none={made.none} />;

  const scope = () => {
    if (what === "room") return { room: it.room };
    if (what === "zone") return { zone };
    if (what === "category") return { category };
    if (what === "skus") return { skus: [...found.skus] };
    return what === "due" ? { skus: [...due] } : {};
  };
  const pool = settings?.sign_over_units ?? SIGN_OVER_UNITS;
  const sign = signOver ?? String(pool);
  const recount = recountOver ?? String(settings?.recount_over_units ?? RECOUNT_OVER_UNITS);
  const problem = (): string => {
    const isEmpty = { room: it.room === "", zone: zone === "", category: category === "", pool: false };
    if (what === "skus" && found.unknown.length > 0) return t("counts.make.unknown", { what: found.unknown.join(" ") });
    if ((what === "skus" && found.skus.length === 0) || (what === "due" && due.length === 0))
      return t("counts.make.none");
    if (what !== "skus" && what !== "due" && isEmpty[what]) return t("counts.make.choose");
    const limit = unitsOf(sign);
    if (limit === null || unitsOf(recount) === null) return t("counts.expected.units");
    return limit > pool ? t("counts.make.sign_most", { most: count(pool) }) : "";
  };
  const make = async () => {
    const stands = problem();
    setFault(stands);
    if (stands !== "" || busy) return;
    setBusy(true);
    const body = {
      kind,
      blind,
      note: note.trim(),
      sign_over: unitsOf(sign) ?? 0,
      recount_over: unitsOf(recount) ?? 0,
      ...scope(),
    };
    const params = { path: { pool: it.pool }, header: { "Idempotency-Key": key } };
    const answer: Answer<CountMade> = await answerOfWrite(() =>
      it.api.POST("/v1/pools/{pool}/counts", { params, body }),
    );
    const none = answer.ok && (await isLeftEmpty(it.api, it.pool, answer.value));
    setBusy(false);
    if (!answer.ok) {
      setFault(leadRefusalText(answer, ""));
      return;
    }
    desk.changed();
    if (answer.value.elsewhere.length > 0) setMade({ made: answer.value, none });
    else goTo({ kind: "count", id: answer.value.count.count });
  };
  return (
    <MakeForm
      id="count-new"
      title={t("counts.new")}
      list={{ kind: "counts" }}
      back={t("counts.back")}
      does={t("counts.make.do")}
      fault={fault}
      busy={busy}
      onMake={() => void make()}
    >
      <div class="two">
        <ChoiceField
          label={t("counts.make.kind")}
          value={kind}
          onValue={(value) => setKind(value as Kind)}
          choices={KINDS.map((each) => [each, t(`counts.kind.${each}`)] as const)}
        />
        <ChoiceField
          label={t("counts.make.what")}
          value={what}
          onValue={(value) => setWhat(value as What)}
          choices={WHATS.filter((each) => each !== "room" || it.room !== "").map(
            (each) => [each, t(`counts.make.what.${each}`, { room: it.room })] as const,
          )}
        />
        {what === "zone" && (
          <ChoiceField label={t("counts.zone")} value={zone} onValue={setZone} choices={choicesOf(zones)} />
        )}
        {what === "category" && (
          <ChoiceField
            label={t("counts.make.category")}
            value={category}
            onValue={setCategory}
            choices={choicesOf(categories)}
          />
        )}
      </div>
      {what === "skus" && (
        <LinesField
          label={t("counts.make.skus")}
          hint={
            found.skus.length > 0
              ? t("counts.make.found", { count: found.skus.length, shown: count(found.skus.length) })
              : t("counts.make.skus.hint")
          }
          value={picked}
          onValue={setPicked}
        />
      )}
      {what === "due" && <Due chosen={due} onChosen={setDue} />}
      <Tick label={t("counts.make.blind")} hint={t("counts.make.blind.hint")} checked={blind} onChecked={setBlind} />
      <div class="two">
        <TextField
          label={t("counts.make.recount_over")}
          hint={t("counts.make.recount_over.hint")}
          value={recount}
          onValue={setRecountOver}
          maxLength={12}
          isNumber
        />
        <TextField
          label={t("counts.make.sign_over")}
          hint={t("counts.make.sign_over.hint", { most: count(pool) })}
          value={sign}
          onValue={setSignOver}
          maxLength={12}
          isNumber
        />
      </div>
      <TextField label={t("counts.note")} value={note} onValue={setNote} maxLength={NOTE_MAX} />
    </MakeForm>
  );
}

function valuesOf(all: readonly string[]): readonly string[] {
  return [...new Set(all.filter(Boolean))].sort();
}

function choicesOf(values: readonly string[]): readonly (readonly [string, string])[] {
  return [["", t("counts.make.choose")], ...values.map((each) => [each, each] as const)];
}

interface DueProps {
  readonly chosen: readonly string[];
  readonly onChosen: (skus: readonly string[]) => void;
}

/** What the plan of the cycle counts says is due. */
function Due({ chosen, onChosen }: DueProps) {
  const { api, pool } = useConsole();
  const [plan, setPlan] = useState<CountPlan | null>(null);
  const [fault, setFault] = useState("");
  useEffect(() => {
    let isGone = false;
    const params = { path: { pool } };
    void readJob<CountPlan>(api, pool, () => api.GET("/v1/pools/{pool}/count-plan", { params })).then((answer) => {
      if (isGone) return;
      setFault(answer.ok ? "" : problemText(answer.problem, answer.status));
      if (!answer.ok) return;
      setPlan(answer.value);
      onChosen(answer.value.due.map(({ sku }) => sku));
    });
    return () => {
      isGone = true;
    };
  }, [api, pool]);
  if (fault !== "") {
    return (
      <p class="fault" role="alert">
        {fault}
      </p>
    );
  }
  if (plan === null) return <p aria-busy="true">{t("counts.reading")}</p>;
  if (plan.due.length === 0) return <p class="empty">{t("counts.make.due.none", { count: plan.later })}</p>;
  return (
    <fieldset class="due">
      <legend>
        {t("counts.make.due", { count: plan.due_count, shown: count(plan.due_count), later: count(plan.later) })}
      </legend>
      {plan.due.length < plan.due_count && (
        <p class="quiet">{t("counts.make.due.first", { shown: count(plan.due.length) })}</p>
      )}
      <ul class="list">
        {plan.due.map((each) => (
          <li key={each.sku}>
            <label class="tick">
              <input
                type="checkbox"
                checked={chosen.includes(each.sku)}
                onChange={(event) =>
                  onChosen(
                    event.currentTarget.checked ? [...chosen, each.sku] : chosen.filter((sku) => sku !== each.sku),
                  )
                }
              />
              <span>
                {each.title || each.sku}{" "}
                <span class="quiet">
                  {[
                    t(`counts.make.grade.${each.grade}`),
                    t(`counts.make.why.${each.why}`),
                    each.counted_at_ms === null
                      ? ""
                      : t("counts.make.counted_at", { at: timeOrDate(each.counted_at_ms) }),
                    each.currency === "" ? "" : price(each.value_minor, each.currency),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
