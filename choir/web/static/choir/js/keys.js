// One key for each thing: an element with data-key="r" is focused or clicked when r is pressed;
// data-key="g i" is two keys, one after the other. What is hidden or disabled does not answer.
// Inside a text field only Ctrl/Cmd-Enter (data-key="mod+Enter") and Escape are ours.

const patience = 1200;
let before = "";
let beforeAt = 0;

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
  act(element);
});
