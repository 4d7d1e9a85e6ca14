// One key for each thing: an element with data-key="r" is focused or clicked when r is pressed;
// data-key="g i" is two keys, one after the other. What is hidden or disabled does not answer.
// Inside a text field only Ctrl/Cmd-Enter (data-key="mod+Enter") and Escape are ours.
// In a part that is about to be replaced (aria-busy) a key, or a click on what has one, waits for what comes instead:
// done at once, its answer would go to a part that is no longer there. It is forgotten if another row came instead.

const patience = 1200;
let before = "";
let beforeAt = 0;
let waiting = null; // {key, row}: what was pressed too early, and for which row; without a row for any that comes

const writesText = (element) =>
  element.isContentEditable ||
  element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");

function act(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
    const field = element.dataset.focuses && document.getElementById(element.dataset.focuses);
    field?.focus();
  }
}

function answering(key) {
  const scope = document.querySelector("dialog:modal") || document;
  return [...scope.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(
    (element) => !element.disabled && (element.checkVisibility?.() ?? true),
  );
}

function isGoing(element) {
  return Boolean(element.closest("[aria-busy=true], .htmx-added"));
}

function wait(element) {
  const part = element.closest("[aria-busy=true]");
  const row = part?.dataset.busy === "get" ? "" : part?.dataset.conversation;
  if (element.dataset.key !== "mod+Enter") waiting ??= { key: element.dataset.key, row };
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-key]");
  if (!element || !isGoing(element)) return;
  event.preventDefault();
  event.stopPropagation();
  wait(element);
}, true);

document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful || event.detail.xhr.status >= 400) waiting = null;
});

document.addEventListener("htmx:load", (event) => {
  if (!waiting || !event.detail.elt.dataset?.conversation) return;
  const { key, row } = waiting;
  waiting = null;
  const element = answering(key);
  if (element && (!row || row === event.detail.elt.dataset.conversation)) act(element);
});

/** Ctrl/Cmd-Enter belongs to the form it is pressed in. */
function send(form) {
  const own = [...form.querySelectorAll('[data-key="mod+Enter"]')].find((button) => button.checkVisibility?.() ?? true);
  if (own) own.click();
  else form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const modified = event.ctrlKey || event.metaKey;
  if (modified && event.key !== "Enter" && event.key.toLowerCase() !== "k") return;
  if (modified && event.key === "Enter") {
    if (event.target.form) {
      event.preventDefault();
      send(event.target.form);
    }
    return;
  }
  if (writesText(event.target) && !modified) {
    if (event.key === "Escape" && !event.target.closest("dialog")) event.target.blur();
    return;
  }
  if (!modified && event.key.length > 1) return;
  const key = modified ? `mod+${event.key}` : event.key;
  const pair = Date.now() - beforeAt < patience ? `${before} ${key}` : "";
  const element = (pair && answering(pair)) || answering(key);
  before = key;
  beforeAt = Date.now();
  if (!element) return;
  event.preventDefault();
  before = "";
  if (isGoing(element)) wait(element);
  else act(element);
});
