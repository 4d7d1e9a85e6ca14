// <undo-countdown until="…">: the seconds in which an answer can still be taken back. When they are over the
// button beside it goes.

class UndoCountdown extends HTMLElement {
  connectedCallback() {
    this.until = Date.parse(this.getAttribute("until"));
    if (Number.isNaN(this.until)) return;
    this.timer = setInterval(() => this.tick(), 250);
    this.tick();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  tick() {
    const left = Math.ceil((this.until - Date.now()) / 1000);
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
    if (left > 0) {
      this.textContent = words.format(left, "second");
      return;
    }
    clearInterval(this.timer);
    this.textContent = words.format(0, "second");
    this.closest(".message__foot")?.querySelector("form")?.remove();
  }
}

customElements.define("undo-countdown", UndoCountdown);
