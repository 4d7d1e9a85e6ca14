// Asks the browser to keep the offline page (see service-worker.js); only over HTTPS or on this machine.

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/service-worker.js").catch(() => {});
}
