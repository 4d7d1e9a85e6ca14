// The composer: each tab keeps its own text, "/" at the start of a word opens the macros, a link goes where the caret
// is, and what was typed while
// the server was away is kept in this browser until it is saved.

const states = new WeakMap(); // form → which tab is open, and the text of each
const kept = (form, kind) => `choir-draft ${form.dataset.conversation} ${kind}`;
const kindOf = (form) => form.querySelector("input[name=kind]:checked")?.value || "reply";
const fieldOf = (form) => form.querySelector("textarea[name=text]");

function conversationOf(form) {
  return form.closest("[data-conversation]")?.dataset.conversation || "";
}

function prepare(form) {
  if (form.dataset.conversation) return;
  form.dataset.conversation = conversationOf(form);
  const drafts = [...form.querySelectorAll("template[data-draft]")];
  states.set(form, {
    kind: kindOf(form),
    texts: Object.fromEntries(drafts.map((draft) => [draft.dataset.draft, draft.content.textContent])),
  });
  const unsaved = localStorage.getItem(kept(form, kindOf(form)));
  const field = fieldOf(form);
  if (unsaved && !field.value.trim()) {
    field.value = unsaved;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function prepareAll(root) {
  root.querySelectorAll?.("form.composer").forEach(prepare);
}

document.addEventListener("htmx:load", (event) => prepareAll(event.detail.elt));
prepareAll(document);

document.addEventListener("change", (event) => {
  const form = event.target.closest("form.composer");
  if (!form || event.target.name !== "kind") return;
  const field = fieldOf(form);
  const state = states.get(form);
  state.texts[state.kind] = field.value;
  state.kind = kindOf(form);
  field.value = state.texts[state.kind] || localStorage.getItem(kept(form, state.kind)) || "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form.composer");
  if (!form || event.target.name !== "text") return;
  const text = event.target.value;
  if (text.trim()) localStorage.setItem(kept(form, kindOf(form)), text);
  else localStorage.removeItem(kept(form, kindOf(form)));
  const typed = text.slice(0, event.target.selectionStart).match(/(?:^|\s)\/([^\s/]*)$/);
  offerMacros(form, typed ? typed[1] : null);
});

function offerMacros(form, begun) {
  const menu = form.querySelector("details[data-macros]");
  if (!menu) return;
  const wanted = (begun || "").toLowerCase();
  menu.querySelectorAll(".menu__item").forEach((item) => {
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
  });
  if (begun !== null) menu.open = true;
  else if (menu.dataset.byText) menu.open = false;
  menu.dataset.byText = begun === null ? "" : "yes";
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form.composer");
  const menu = form?.querySelector("details[data-macros][open]");
  if (!menu || event.target.name !== "text" || !menu.dataset.byText) return;
  const items = [...menu.querySelectorAll(".menu__item:not([hidden])")];
  if (event.key === "Escape") menu.open = false;
  else if (event.key === "Enter" && items[0]) items[0].click();
  else if (event.key === "ArrowDown" && items[0]) items[0].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
});

// A link is put where the caret is; leaving the field for the menu does not move it.
document.addEventListener("click", (event) => {
  const form = event.target.closest?.("button[name=link]")?.closest("form.composer");
  if (form) form.elements.caret.value = fieldOf(form).selectionEnd;
});

// It is on its way to the server, which gives back what it refuses.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches?.("form.composer")) localStorage.removeItem(kept(form, kindOf(form)));
});

// The server has it: the browser need not keep it any longer.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form.composer");
  if (form && event.detail.successful) localStorage.removeItem(kept(form, kindOf(form)));
});
