// <live-inbox stream="…" rows-url="…" list-url="…">: hears what changed and fetches it. Rows change in place; new
// ones wait behind a bar while somebody reads further down, points at the list or has chosen rows.

const pauseBefore = { rows: 250, counts: 900, thread: 150 };
const forgottenAfter = 12000;

class LiveInbox extends HTMLElement {
  connectedCallback() {
    this.changed = new Set();
    this.fresh = new Map();
    this.present = new Map();
    this.timers = {};
    this.rowsChanged = (event) => this.whenTyping(event);
    document.addEventListener("input", this.rowsChanged);
    this.onLoad = (event) => this.whenLoaded(event);
    document.addEventListener("htmx:load", this.onLoad);
    this.listen();
    this.viewing = setInterval(() => this.tell("viewing"), 8000);
    this.leaving = () => this.tell("left", true);
    addEventListener("pagehide", this.leaving);
    this.tell("viewing");
  }

  disconnectedCallback() {
    this.source?.close();
    clearInterval(this.viewing);
    document.removeEventListener("input", this.rowsChanged);
    document.removeEventListener("htmx:load", this.onLoad);
    removeEventListener("pagehide", this.leaving);
  }

  get open() {
    return this.querySelector("#conversation")?.dataset.conversation || "";
  }

  listen() {
    this.source = new EventSource(this.getAttribute("stream"));
    this.source.addEventListener("open", () => {
      this.dataset.live = "yes";
      if (this.lost) this.lookAgain();
      this.lost = false;
    });
    this.source.addEventListener("error", () => {
      this.dataset.live = "no";
      this.lost = true;
      if (this.source.readyState === EventSource.CLOSED) {
        setTimeout(() => this.listen(), 2000 + Math.random() * 4000);
      }
    });
    this.source.addEventListener("changed", (event) => this.hear(JSON.parse(event.data)));
    this.source.addEventListener("presence", (event) => this.meet(JSON.parse(event.data)));
  }

  hear(notice) {
    if (notice.what === "again") {
      this.lookAgain();
      return;
    }
    this.changed.add(notice.conversation);
    this.later("rows", () => this.fetchRows());
    this.later("counts", () => this.fetchViews());
    if (notice.conversation === this.open) this.later("thread", () => this.fetchThread());
  }

  lookAgain() {
    this.querySelectorAll("#rows > li").forEach((row) => this.changed.add(row.id.slice(4)));
    this.later("rows", () => this.fetchRows());
    this.later("counts", () => this.fetchViews());
    if (this.open) this.later("thread", () => this.fetchThread());
  }

  later(name, act) {
    this.timers[name] ??= setTimeout(() => {
      delete this.timers[name];
      act();
    }, pauseBefore[name]);
  }

  async part(url) {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    return answer.ok ? answer.text() : null;
  }

  query() {
    return new URLSearchParams(location.search);
  }

  async fetchRows() {
    if (!this.querySelector("#rows") || !this.changed.size) return;
    const asked = [...this.changed].slice(0, 50);
    asked.forEach((id) => this.changed.delete(id));
    const query = this.query();
    if (query.get("q")) return;
    asked.forEach((id) => query.append("id", id));
    const html = await this.part(`${this.getAttribute("rows-url")}?${query}`);
    if (html === null) return;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const found = new Map([...holder.content.querySelectorAll("li.row")].map((row) => [row.id.slice(4), row]));
    asked.forEach((id) => this.show(id, found.get(id)));
    this.sayNews();
  }

  show(id, row) {
    const shown = this.querySelector(`#row-${id}`);
    if (shown && row) this.replace(shown, row);
    else if (shown) shown.classList.add("is-gone");
    else if (row && this.isFirstPage()) this.fresh.set(id, row);
  }

  replace(shown, row) {
    const link = shown.querySelector("[data-row]");
    const hadFocus = link === document.activeElement;
    const chosen = shown.querySelector("input[type=checkbox]")?.checked;
    if (link?.hasAttribute("aria-current")) row.querySelector("[data-row]").setAttribute("aria-current", "true");
    if (chosen) row.querySelector("input[type=checkbox]").checked = true;
    shown.replaceWith(row);
    htmx.process(row);
    if (hadFocus) row.querySelector("[data-row]").focus({ preventScroll: true });
  }

  isFirstPage() {
    const query = this.query();
    return !query.get("after") && !query.get("before") && (query.get("sort") || "newest") === "newest";
  }

  isBusy() {
    const list = this.querySelector("#list-form");
    return list.scrollTop > 8 || list.matches(":hover") || Boolean(list.querySelector("input[name=chosen]:checked"));
  }

  sayNews() {
    const news = this.querySelector("#list-news");
    if (!this.fresh.size) {
      news.replaceChildren();
      return;
    }
    if (!this.isBusy()) {
      this.showNews();
      return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.dataset.key = ".";
    button.textContent = (this.getAttribute("news-text") || "%s new").replace("%s", String(this.fresh.size));
    button.addEventListener("click", () => {
      this.querySelector("#list-form").scrollTop = 0;
      this.showNews();
    });
    news.replaceChildren(button);
  }

  showNews() {
    const rows = this.querySelector("#rows");
    [...this.fresh.values()].forEach((row) => {
      document.getElementById(row.id)?.remove();
      row.classList.add("is-new");
      rows.prepend(row);
      htmx.process(row);
    });
    this.fresh.clear();
    this.querySelector("#list-form .state")?.remove();
    this.querySelector("#list-news").replaceChildren();
  }

  async fetchViews() {
    if (document.hidden) return;
    const query = this.query();
    const answer = await fetch(`${this.getAttribute("list-url")}?${query}`, {
      headers: { "HX-Request": "true", "HX-Target": "views" },
      credentials: "same-origin",
    });
    const views = this.querySelector("#views");
    if (!answer.ok || !views || views.contains(document.activeElement)) return;
    views.innerHTML = await answer.text();
    htmx.process(views);
  }

  async fetchThread() {
    const id = this.open;
    const thread = this.querySelector("#thread");
    if (!thread || this.query().get("before")) return;
    const answer = await fetch(location.pathname + location.search, {
      headers: { "HX-Request": "true", "HX-Target": "news" },
      credentials: "same-origin",
    });
    if (!answer.ok || this.open !== id) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    this.merge(thread, holder.content.querySelector("#thread"));
    this.freshen(holder.content);
  }

  // Only what is new or differs is touched: a text being selected or an answer being typed stays.
  merge(thread, newer) {
    if (!newer) return;
    const scroll = thread.closest(".thread-scroll");
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
    const known = new Set([...newer.children].map((turn) => turn.id));
    const within = [...thread.children].findIndex((turn) => turn.id !== "earlier" && known.has(turn.id));
    [...thread.children].slice(Math.max(within, 0)).forEach((turn) => {
      if (turn.id !== "earlier" && !known.has(turn.id) && !turn.contains(document.activeElement)) turn.remove();
    });
    let last = null;
    for (const turn of [...newer.children]) {
      if (turn.id === "earlier") continue;
      const shown = turn.id && document.getElementById(turn.id);
      if (shown) {
        if (!shown.contains(document.activeElement) && !shown.isEqualNode(turn)) {
          shown.replaceWith(turn);
          htmx.process(turn);
          last = turn;
        } else last = shown;
      } else if (turn.id) {
        if (last) last.after(turn);
        else thread.append(turn);
        htmx.process(turn);
        last = turn;
      }
    }
    if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  }

  // What stands around the thread: whose it is, why it is here. The composer is left alone, but learns that the
  // conversation moved on: its next reply has seen what is on the page.
  freshen(content) {
    for (const name of ["conversation-head", "conversation-because"]) {
      const shown = document.getElementById(name);
      const newer = content.querySelector(`#${name}`);
      if (shown && newer && !shown.contains(document.activeElement) && !shown.isEqualNode(newer)) {
        shown.replaceWith(newer);
        htmx.process(newer);
      }
    }
  }

  // Presence: what one does is told now and then, what others do is shown until they fall silent.

  whenTyping(event) {
    const form = event.target.closest?.("form.composer");
    if (!form || event.target.name !== "text" || !event.target.value) return;
    if (Date.now() - (this.typedAt || 0) < 3000) return;
    this.typedAt = Date.now();
    this.tell(form.querySelector("input[name=kind]:checked")?.value === "reply" ? "replying" : "noting");
  }

  whenLoaded(event) {
    if (event.detail.elt.id !== "conversation") return;
    this.present.clear();
    this.tell("viewing");
  }

  tell(doing, isLast = false) {
    if (!this.open || document.hidden) return;
    if (doing === "viewing" && Date.now() - (this.typedAt || 0) < 8000) return;
    const body = new URLSearchParams({ doing });
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (token) body.set("csrfmiddlewaretoken", token);
    const base = this.querySelector("#conversation").dataset.base;
    const say = () =>
      fetch(`${base}presence`, { method: "POST", body, credentials: "same-origin", keepalive: isLast }).catch(() => {});
    // One after another: what one did before must not be heard after what one does now. A page that goes waits not.
    this.told = isLast ? say() : (this.told || Promise.resolve()).then(say);
  }

  meet(notice) {
    if (notice.person === this.getAttribute("person") || notice.conversation !== this.open) return;
    if (notice.doing === "left") this.present.delete(notice.person);
    else this.present.set(notice.person, { name: notice.name, doing: notice.doing, at: Date.now() });
    this.showPresent();
    setTimeout(() => this.showPresent(), forgottenAfter + 100);
  }

  showPresent() {
    const line = this.querySelector("#conversation-presence");
    if (!line) return;
    const words = [...this.present.values()]
      .filter((one) => Date.now() - one.at < forgottenAfter)
      .map((one) => (line.getAttribute(`data-${one.doing}`) || "%s").replace("%s", one.name));
    const text = words.join(" · ");
    if (line.textContent !== text) line.textContent = text;
  }
}

customElements.define("live-inbox", LiveInbox);
