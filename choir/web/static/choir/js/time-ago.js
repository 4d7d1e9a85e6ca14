// <time-ago datetime="2026-11-22T09:00:00Z">3h ago</time-ago>
import { fromNow } from "./durations.js";
import { startTicking, stopTicking } from "./ticking.js";

class TimeAgo extends HTMLElement {
  connectedCallback() {
    this.at = Date.parse(this.getAttribute("datetime"));
    if (Number.isNaN(this.at)) return;
    if (!this.title) {
      this.title = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
        dateStyle: "full",
        timeStyle: "short",
        timeZone: document.documentElement.dataset.timeZone || undefined,
      }).format(this.at);
    }
    startTicking(this);
  }

  disconnectedCallback() {
    stopTicking(this);
  }

  tick() {
    const words = fromNow((this.at - Date.now()) / 1000);
    if (this.textContent !== words) this.textContent = words;
  }
}

customElements.define("time-ago", TimeAgo);
