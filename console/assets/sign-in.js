// Takes the token of whoever is signed in with the issuer to this server, which answers with a session of its own.
// Whoever is not signed in there is led to the issuer's own page, and comes back here.
"use strict";

addEventListener("load", async () => {
  const form = document.getElementById("session");
  const status = document.getElementById("status");
  try {
    if (!window.Clerk) {
      throw new Error("the sign-in service did not answer");
    }
    await window.Clerk.load();
    if (!window.Clerk.session) {
      await window.Clerk.redirectToSignIn({ signInFallbackRedirectUrl: location.href, redirectUrl: location.href });
      return;
    }
    form.elements.token.value = await window.Clerk.session.getToken();
    form.submit();
  } catch (error) {
    status.textContent = "Signing in did not work: " + error.message + ". Load this page again to try once more.";
  }
});
