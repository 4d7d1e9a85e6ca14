// <sla-clock class="clock" due="…" soon-seconds="1800" data-state="running"> icons <span data-text>…</span></sla-clock>
// Counts down to its due time, then up. A paused or met clock stands still.
import { inShort } from "./durations.js";
import { startTicking, stopTicking } from "./ticking.js";

class SlaClock extends HTMLElement {
  connectedCallback() {
    this.due = Date.parse(this.getAttribute("due"));
    if (Number.isNaN(this.due) || ["paused", "met"].includes(this.dataset.state)) return;
    startTicking(this);
  }

  disconnectedCallback() {
    stopTicking(this);
  }

  tick() {
    const left = (this.due - Date.now()) / 1000;
    const soon = Number(this.getAttribute("soon-seconds") || 1800);
    this.dataset.state = left < 0 ? "late" : left < soon ? "soon" : "running";
    const template = this.getAttribute(left < 0 ? "late-text" : "left-text") || "%s";
    const words = template.replace("%s", inShort(Math.abs(left)));
    const text = this.querySelector("[data-text]");
    if (text && text.textContent !== words) text.textContent = words;
  }
}

customElements.define("sla-clock", SlaClock);
