/** What the console says in English from the beginning on; a view that is loaded later brings its own. */

import staff from "../../staff/en.json";
import board from "../board/en.json";
import operations from "../operations/en.json";
import shell from "../shell/en.json";

export default { ...staff, ...shell, ...operations, ...board };
