//! The codes of the surfaces for installed apps: `/public/v1`, and OAuth where RFC 6749 has a word.

use super::{Entry, entries};
use poem::http::StatusCode;

entries! {
    /// Every code that only those surfaces answer with.
    pub const PUBLIC;

    MISSING_TOKEN, "missing_token", UNAUTHORIZED, "Missing token",
        "There is no access token; send it as `Authorization: Bearer`.";
    INVALID_TOKEN, "invalid_token", UNAUTHORIZED, "Invalid token",
        "The access token is not one that is accepted; renew it by the refresh token.";
    INSTALL_SUSPENDED, "install_suspended", FORBIDDEN, "Installation suspended",
        "The token is good, and the app does not work in this organization at the moment; its administrators know why.";
    TENANT_SCOPE_VIOLATION, "tenant_scope_violation", FORBIDDEN, "Another tenant",
        "The token is for one organization and one entity, and the address names another.";
    INSUFFICIENT_SCOPE, "insufficient_scope", FORBIDDEN, "Insufficient scope",
        "The installation was not permitted this; `required` names the scopes that it takes.";
    NOT_IMPLEMENTED, "not_implemented", NOT_IMPLEMENTED, "Not implemented",
        "This is planned and not there yet; `ticket` names the plan.";
    WEBHOOK_LIMIT_REACHED, "webhook_limit_reached", UNPROCESSABLE_ENTITY, "Too many webhooks",
        "The installation has as many subscriptions as it can, which `limit` tells; delete one first.";

    INVALID_CLIENT, "invalid_client", UNAUTHORIZED, "Invalid client",
        "The client is not known, is stopped, or did not prove itself in the way that it was registered for.";
    INVALID_GRANT, "invalid_grant", BAD_REQUEST, "Invalid grant",
        "The code or refresh token is unknown, expired, used or revoked, or belongs to another client or redirect URI, or the verifier is not its challenge's.";
    UNAUTHORIZED_CLIENT, "unauthorized_client", BAD_REQUEST, "Unauthorized client",
        "The client may not do this.";
    UNSUPPORTED_GRANT_TYPE, "unsupported_grant_type", BAD_REQUEST, "Unsupported grant type",
        "The grant types are `authorization_code` and `refresh_token`.";
    INVALID_SCOPE, "invalid_scope", BAD_REQUEST, "Invalid scope",
        "A scope does not exist, or is more than was consented to.";
}
