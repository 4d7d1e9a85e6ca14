// <live-stream stream="…"> around the stream: when something was heard, asks how much is new and shows it above the
// list, without moving what is read. In the list, i makes the row in focus a conversation and u puts it back.

const pause = 1200;

class LiveStream extends HTMLElement {
  connectedCallback() {
    this.source = new EventSource(this.getAttribute("stream"));
    this.source.addEventListener("listening", () => this.later());
    this.press = (event) => this.act(event);
    document.addEventListener("keydown", this.press);
    this.addEventListener("htmx:beforeSwap", (event) => this.remember(event.detail.target));
    this.addEventListener("htmx:afterSettle", () => this.comeBack());
  }

  disconnectedCallback() {
    this.source.close();
    clearTimeout(this.timer);
    document.removeEventListener("keydown", this.press);
  }

  later() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.ask();
    }, pause);
  }

  async ask() {
    const news = this.querySelector("#stream-news");
    if (!news?.dataset.top) return;
    const url = new URL(location.href);
    url.searchParams.set("top", news.dataset.top);
    const headers = { "HX-Request": "true", "HX-Target": "stream-news" };
    const answer = await fetch(url, { headers, credentials: "same-origin" });
    if (answer.ok) news.innerHTML = await answer.text();
  }

  // A row that is exchanged keeps the focus it had, so that the next key goes on from there.
  remember(target) {
    const row = target.closest?.(".mention");
    this.row = row?.contains(document.activeElement) ? row.id : null;
  }

  comeBack() {
    if (!this.row) return;
    document.getElementById(this.row)?.querySelector("[data-row]")?.focus();
    this.row = null;
  }

  act(event) {
    const writes = event.target.matches("textarea, select, input, [contenteditable]");
    if (writes || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
    const row = document.activeElement?.closest(".mention");
    const button = row?.querySelector(`[data-row-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }
}

customElements.define("live-stream", LiveStream);
