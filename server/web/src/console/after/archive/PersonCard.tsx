/** What is kept of one person: looked up by the user, and forgotten. */

import { useState } from "preact/hooks";
import { count, dateAndTime } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Answer } from "../../api/client";
import type { OpenOrder, Person } from "../../api/schema";
import type { Console } from "../../console";
import { TextField } from "../../counts/form/Fields";
import { readJob } from "../../counts/jobs";
import { Perform } from "../../operations/Perform";
import { unreadText } from "../../operations/problem";
import { notYours } from "../../operations/show";
import { NONE } from "../report/numbers";
import { BigTable, type Column } from "../table/BigTable";
import { forget } from "./operations";

const USER_MAX = 128;
/** The request waits no longer, in ms. */
const WAIT_MS = 10_000;

type Found = Answer<Person> | "busy" | null;

export function PersonCard({ it }: { readonly it: Console }) {
  const [user, setUser] = useState("");
  const [found, setFound] = useState<Found>(null);
  const [gone, setGone] = useState("");
  const look = async () => {
    setGone("");
    setFound("busy");
    const params = { path: { pool: it.pool, user: user.trim() }, query: { wait_ms: WAIT_MS } };
    setFound(await readJob<Person>(it.api, it.pool, () => it.api.GET("/v1/pools/{pool}/people/{user}", { params })));
  };
  const title = t("after.person");
  const hindered = notYours(it, "decide");
  return (
    <section class="card" aria-label={title}>
      <h3>{title}</h3>
      <p class="quiet">{t("after.person.hint")}</p>
      {hindered !== "" ? (
        <p>{hindered}</p>
      ) : (
        <form
          class="report-tools"
          onSubmit={(event) => {
            event.preventDefault();
            if (user.trim() !== "") void look();
          }}
        >
          <TextField label={t("after.person.user")} value={user} maxLength={USER_MAX} onValue={setUser} />
          <button type="submit" aria-disabled={found === "busy"}>
            {t("after.person.look")}
          </button>
        </form>
      )}
      <div role="status">
        {found === "busy" && t("after.reading")}
        {gone !== "" && t("after.person.done", { user: gone })}
      </div>
      {found !== null && found !== "busy" && !found.ok && (
        <p class="fault" role="alert">
          {unreadText(found.problem, found.status)}
        </p>
      )}
      {found !== null && found !== "busy" && found.ok && (
        <Kept
          it={it}
          person={found.value}
          onGone={() => {
            setFound(null);
            setGone(found.value.user);
          }}
        />
      )}
    </section>
  );
}

const NUMBERS = ["orders", "holds", "waits", "refund_requests", "actions", "entries"] as const;

interface KeptProps {
  readonly it: Console;
  readonly person: Person;
  readonly onGone: () => void;
}

function Kept({ it, person, onGone }: KeptProps) {
  const open = person.open ?? [];
  const when = (atMs: number | null | undefined) => (atMs == null ? NONE : dateAndTime(atMs));
  const isNobody = person.pseudonym === null && NUMBERS.every((name) => (person[name] ?? 0) === 0);
  if (isNobody) return <p>{t("after.person.nothing", { user: person.user })}</p>;
  return (
    <>
      <h4>{t("after.person.of", { user: person.user })}</h4>
      <dl class="after-sums">
        {NUMBERS.map((name) => (
          <div key={name} data-fact={name}>
            <dt>{t(`after.person.${name}`)}</dt>
            <dd>{count(person[name] ?? 0)}</dd>
          </div>
        ))}
        <div>
          <dt>{t("after.person.first")}</dt>
          <dd>{when(person.first_at_ms)}</dd>
        </div>
        <div>
          <dt>{t("after.person.last")}</dt>
          <dd>{when(person.last_at_ms)}</dd>
        </div>
        <div>
          <dt>{t("after.person.pseudonym")}</dt>
          <dd>{person.pseudonym ?? NONE}</dd>
        </div>
      </dl>
      {open.length > 0 && (
        <>
          <p class="note">{t("after.person.open")}</p>
          <BigTable
            title={t("after.person.open_orders")}
            rows={open}
            columns={openColumns(it)}
            keyOf={({ reservation, why }) => `${reservation} ${why}`}
            textOf={({ reservation, sku }) => `${reservation} ${sku}`}
          />
        </>
      )}
      <Perform operation={forget(it, person)} onDone={onGone} />
    </>
  );
}

function openColumns(it: Console): readonly Column<OpenOrder>[] {
  return [
    { id: "order", label: t("after.person.order"), rem: 14, isName: true, value: ({ reservation }) => reservation },
    { id: "sku", label: t("after.column.goods"), rem: 10, value: ({ sku }) => it.titleOf(sku) },
    { id: "units", label: t("after.refused.units"), rem: 5, isNumber: true, value: ({ units }) => units },
    { id: "why", label: t("after.suggestion.why"), rem: 14, value: ({ why }) => t(`after.person.why.${why}`) },
  ];
}
