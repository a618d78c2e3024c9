/** What stops sales at once, and lets them go on: each call says first what it will do. */

import { t } from "../../shared/i18n";
import { FreezeCall } from "./FreezeCall";
import { InForceList } from "./InForce";
import { StatusCalls } from "./StatusCalls";
import "./emergency.css";

export function Emergency() {
  return (
    <section class="emergency">
      <h2>{t("shell.view.emergency")}</h2>
      <InForceList />
      <div class="emergency-calls">
        <FreezeCall />
        <StatusCalls />
      </div>
    </section>
  );
}
