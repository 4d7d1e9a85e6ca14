// <chart-frame src="…svg"> fetches the drawing that fits its width, and says at the pointer what a mark is.
const STEP = 40;

class ChartFrame extends HTMLElement {
  connectedCallback() {
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this);
    this.addEventListener("pointerover", this);
    this.addEventListener("pointerleave", this);
  }

  disconnectedCallback() {
    this.watch.disconnect();
  }

  async draw() {
    const width = Math.floor(this.clientWidth / STEP) * STEP;
    if (!width || width === this.drawnWidth) return;
    this.drawnWidth = width;
    const url = new URL(this.getAttribute("src"), location.href);
    url.searchParams.set("width", width);
    this.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(answer.status);
      const drawing = await answer.text();
      if (width === this.drawnWidth) this.innerHTML = drawing;
    } catch {
      this.textContent = this.getAttribute("failed-text");
    }
    this.removeAttribute("aria-busy");
  }

  handleEvent(event) {
    const mark = event.type === "pointerover" && event.target.closest?.("a")?.querySelector("[aria-label]");
    if (!mark) {
      this.querySelector(".chart__words")?.remove();
      return;
    }
    const words = this.querySelector(".chart__words") ?? document.createElement("div");
    words.className = "chart__words";
    words.setAttribute("aria-hidden", "true");
    words.textContent = mark.getAttribute("aria-label");
    this.append(words);
    const frame = this.getBoundingClientRect();
    const at = mark.getBoundingClientRect();
    const middle = at.left + at.width / 2 - frame.left - words.offsetWidth / 2;
    words.style.left = `${Math.max(0, Math.min(middle, frame.width - words.offsetWidth))}px`;
    words.style.top = `${Math.max(0, at.top - frame.top - words.offsetHeight - 6)}px`;
  }
}

customElements.define("chart-frame", ChartFrame);
