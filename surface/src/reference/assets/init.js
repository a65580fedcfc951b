"use strict";
// The first script of the page. The header demands Trusted Types, and the renderer assigns HTML that it has sanitised
// itself; without a policy of this name, which must exist before it starts, nothing would be shown. Scripts and their
// addresses get no such pass.
if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", { createHTML: (html) => html });
}

// The renderer has dark colours and no switch that follows the system.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

document.addEventListener("DOMContentLoaded", () => {
  const reference = document.getElementById("reference");
  window.SwaggerUIBundle({
    domNode: reference,
    url: reference.dataset.document,
    // The default would send the document's address to a service outside.
    validatorUrl: null,
    deepLinking: true,
    tryItOutEnabled: true,
    persistAuthorization: false,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
  });
});
