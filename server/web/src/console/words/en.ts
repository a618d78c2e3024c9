/** What the console says in English from the beginning on; a view that is loaded later brings its own.
 * What is in force stands over every view, in the words of the emergency calls. */

import staff from "../../staff/en.json";
import board from "../board/en.json";
import emergency from "../emergency/en.json";
import operations from "../operations/en.json";
import shell from "../shell/en.json";

export default { ...staff, ...shell, ...operations, ...board, ...emergency };
