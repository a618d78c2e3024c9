/** The console of somebody who only counts: counts and receipts to be entered, and nothing of the book. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../shared/i18n";
import { go, where } from "../address";
import { keepText, recallText } from "../browserMemory";
import type { Login } from "../session";
import { Settings } from "../shell/head/Settings";
import { Desk, DeskProvider } from "./desk";
import { Pages } from "./Pages";
import { linkTo, partOf, TABS, tabOf } from "./parts";

/** The pool that was counted last in this browser. */
const POOL_KEY = "shelfcast.console.counter.pool";

export function Counter({ login }: { readonly login: Login }) {
  const pools = login.session.value?.pools ?? null;
  const named = where.value.pool;
  // A login says its pools, or reaches every one; which there are is not told to whoever counts.
  const known = named !== "" && (pools === null || pools.includes(named)) ? named : null;
  useEffect(() => {
    if (known !== null) keepText(POOL_KEY, known);
    else if (pools?.length === 1 && pools[0] !== undefined) go({ pool: pools[0], room: "", view: "counts" });
  }, [known, pools]);
  return (
    <>
      <header class="counter-head">
        <h1>{t("counts.title")}</h1>
        <Settings login={login} />
      </header>
      <main class="console-content counts">
        {known === null ? <Choose pools={pools} /> : <Desks key={known} login={login} pool={known} />}
      </main>
    </>
  );
}

function Desks({ login, pool }: { readonly login: Login; readonly pool: string }) {
  const desk = useMemo(() => new Desk(login, pool, null), [login, pool]);
  useEffect(() => desk.begin(), [desk]);
  const part = partOf(where.value.part ?? "");
  const tab = tabOf(part);
  return (
    <DeskProvider value={desk}>
      <nav class="counts-tabs" aria-label={t("counts.parts")}>
        {TABS.map((each) => (
          <a key={each} href={linkTo({ kind: each })} aria-current={each === tab ? "page" : undefined}>
            {t(`counts.tab.${each}`)}
          </a>
        ))}
      </nav>
      <Pages part={part} />
    </DeskProvider>
  );
}

/** Which pool is counted: one of the login's, else the one whose name was told. */
function Choose({ pools }: { readonly pools: readonly string[] | null }) {
  const [pool, setPool] = useState(recallText(POOL_KEY) ?? "");
  const open = (name: string) => go({ pool: name, room: "", view: "counts" });
  if (pools !== null) {
    return (
      <section class="card" aria-label={t("counts.pool.which")}>
        <h2>{t("counts.pool.which")}</h2>
        <div class="buttons">
          {pools.map((each) => (
            <button key={each} type="button" onClick={() => open(each)}>
              {each}
            </button>
          ))}
        </div>
      </section>
    );
  }
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        open(pool.trim());
      }}
    >
      <h2>{t("counts.pool.which")}</h2>
      <label class="field">
        {t("counts.pool.name")}
        <input
          required
          autocapitalize="off"
          autocomplete="off"
          value={pool}
          onInput={(event) => setPool(event.currentTarget.value)}
        />
      </label>
      <p class="quiet">{t("counts.pool.hint")}</p>
      <button type="submit" class="main">
        {t("counts.pool.open")}
      </button>
    </form>
  );
}
