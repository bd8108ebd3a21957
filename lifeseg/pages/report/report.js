"use strict";
// Lists are searched as one types, and a link to a folded explanation unfolds it. Without this all is there to be read.
for (const field of document.querySelectorAll("input[data-rows]")) {
  const rows = [...document.getElementById(field.dataset.rows).tBodies[0].rows];
  const said = document.getElementById(field.dataset.said);
  field.parentElement.hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      count += row.hidden ? 0 : 1;
    }
    said.textContent = said.dataset.words.replace("{count}", count);
  });
}
function unfold() {
  const name = decodeURIComponent(location.hash.slice(1));
  const place = name && document.getElementById(name);
  if (place && place.tagName === "DETAILS") {
    place.open = true;
    place.scrollIntoView();
  }
}
addEventListener("hashchange", unfold);
unfold();
