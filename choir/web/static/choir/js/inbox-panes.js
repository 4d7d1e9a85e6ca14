// The inbox's panes: which one a narrow screen shows, which row is the open one, where the thread is scrolled to.

function panes() {
  return document.getElementById("panes");
}

function openRow(conversation) {
  document.querySelectorAll("#rows [data-row]").forEach((link) => {
    if (link.closest("li").id === `row-${conversation}`) {
      link.setAttribute("aria-current", "true");
      link.closest("li").classList.remove("row--unread");
    } else link.removeAttribute("aria-current");
  });
}

function toEnd(root) {
  const thread = root.querySelector(".thread-scroll");
  if (!thread) return;
  const found = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));
  if (found) {
    found.classList.add("is-found");
    found.scrollIntoView({ block: "center" });
  } else thread.scrollTop = thread.scrollHeight;
}

// From asking until the answer stands there, the conversation is busy: keys wait for the one that comes (keys.js).
document.addEventListener("htmx:beforeRequest", (event) => {
  const { target, requestConfig } = event.detail;
  if (target?.id !== "conversation") return;
  target.setAttribute("aria-busy", "true");
  target.dataset.busy = requestConfig.verb;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target?.id === "conversation") event.detail.target.removeAttribute("aria-busy");
});

document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  const conversation = part.id === "conversation" ? part : part.querySelector?.("#conversation[data-conversation]");
  if (!conversation || !panes()) return;
  if (part === conversation && conversation.dataset.shows) panes().dataset.showing = conversation.dataset.shows;
  document.getElementById("asking")?.replaceChildren();
  if (conversation.dataset.conversation) openRow(conversation.dataset.conversation);
  toEnd(conversation);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-shows]");
  if (!link || !panes() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  panes().dataset.showing = link.dataset.shows;
  history.replaceState(history.state, "", link.href);
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog:modal")) return;
  const row = document.querySelector("#rows [aria-current]");
  if (row && !event.target.closest(".menu")) row.focus();
});

document.addEventListener("close", (event) => {
  if (event.target.matches?.("#asking dialog")) event.target.remove();
}, true);
