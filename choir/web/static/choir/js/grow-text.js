// <textarea data-grows> is as tall as its words, where the browser does not do so by itself (field-sizing).

if (!CSS.supports("field-sizing", "content")) {
  const grow = (area) => {
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight + 2}px`;
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-grows]")) grow(event.target);
  });
  document.addEventListener("htmx:load", (event) => {
    event.detail.elt.querySelectorAll?.("textarea[data-grows]").forEach(grow);
  });
}
