// A scanner is a keyboard that ends every code with Enter, which would send the form after the first of several codes. In a field that names
// another, Enter goes on to that one. Without this script the server asks for what is missing.
"use strict";

for (const field of document.querySelectorAll("input[data-next]")) {
  field.addEventListener("keydown", (event) => {
    const next = document.getElementById(field.dataset.next);
    if (event.key !== "Enter" || event.isComposing || !next || field.value.trim() === "") {
      return;
    }
    event.preventDefault();
    next.focus();
    next.select();
  });
}
