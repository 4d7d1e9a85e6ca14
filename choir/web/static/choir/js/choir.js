// Everything a page may need, each in its own file. Each import must end with a semicolon:
// hashed static storage rewrites only those.
import "./theme-switch.js";
import "./menu.js";
import "./dialog.js";
import "./toast.js";
import "./time-ago.js";
import "./sla-clock.js";
import "./keys.js";
import "./list-keys.js";
import "./key-sheet.js";
import "./palette.js";
import "./grow-text.js";
import "./text-limit.js";
import "./attach-files.js";
import "./bulk-count.js";
import "./put-into.js";
import "./answers.js";
import "./offline.js";
import "./chart-frame.js";
import "./undo-countdown.js";
import "./composer.js";
import "./inbox-panes.js";
import "./live-inbox.js";
import "./live-stream.js";

document.documentElement.classList.add("has-js");
