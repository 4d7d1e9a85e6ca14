// A request that failed says so, instead of doing nothing. Which answers are shown is said in htmx-config.

function say(template) {
  const words = document.getElementById(template);
  const region = document.getElementById("toasts");
  if (words && region) region.append(words.content.cloneNode(true));
}

document.addEventListener("htmx:sendError", () => say("say-offline"));
document.addEventListener("htmx:timeout", () => say("say-offline"));
document.addEventListener("htmx:responseError", () => say("say-failed"));
