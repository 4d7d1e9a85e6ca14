// One timer for every clock on the page, so that a list of fifty does not start fifty.

const clocks = new Set();
let timer = null;

function tick() {
  if (!document.hidden) clocks.forEach((clock) => clock.tick());
}

export function startTicking(clock) {
  clocks.add(clock);
  clock.tick();
  timer ??= setInterval(tick, 15000);
}

export function stopTicking(clock) {
  clocks.delete(clock);
  if (!clocks.size) {
    clearInterval(timer);
    timer = null;
  }
}

document.addEventListener("visibilitychange", tick);
