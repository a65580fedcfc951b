//! The settings of what the identity provider and the billing service report, held against each other.

use habeo_core::time::DAY_MICROS;
use habeo_receivers::{clerk, stripe, svix};
use secrecy::ExposeSecret as _;
use url::Url;

use super::{Clerk, Stripe};

/// The longest that a missing payment can be borne.
const GRACE_DAYS_MAX: u32 = 90;

impl Clerk {
    /// What contradicts something, or is no secret.
    pub(super) fn check_webhooks(&self) -> Result<(), &'static str> {
        if !self.webhook_secrets.is_empty() && self.issuer.is_none() {
            return Err("webhooks of Clerk are configured, but not HABEO_CLERK_ISSUER");
        }
        if self.secrets().is_none() {
            return Err(
                "HABEO_CLERK_WEBHOOK_SECRETS takes secrets as Clerk shows them: whsec_ and then Base64",
            );
        }
        Ok(())
    }

    fn secrets(&self) -> Option<Vec<svix::Secret>> {
        let secrets = self.webhook_secrets.iter();
        secrets
            .map(|secret| svix::Secret::parse(secret.expose_secret().trim()))
            .collect()
    }

    /// What the receiver of its reports is told.
    #[must_use]
    pub fn reports(&self) -> clerk::Settings {
        clerk::Settings {
            issuer: self.issuer.clone().unwrap_or_default(),
            secrets: self.secrets().unwrap_or_default(),
            instance_id: self.instance_id.clone(),
            create_organizations: self.create_organizations,
        }
    }
}

impl Stripe {
    /// What contradicts something, or is no address.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let secrets = self
            .webhook_secrets
            .iter()
            .chain(&self.test_webhook_secrets);
        let any = !self.webhook_secrets.is_empty() || !self.test_webhook_secrets.is_empty();
        if any && self.seat_prices.is_empty() {
            return Err(
                "webhooks of Stripe are configured, but not HABEO_STRIPE_SEAT_PRICES: nobody would know what a seat is",
            );
        }
        let keys = [&self.secret_key, &self.test_secret_key];
        let mut all = secrets.chain(keys.into_iter().flatten());
        if all.any(|secret| secret.expose_secret().trim().is_empty()) {
            return Err("a secret of Stripe is empty");
        }
        if self.grace_days > GRACE_DAYS_MAX {
            return Err("HABEO_STRIPE_GRACE_DAYS must not exceed 90");
        }
        if Url::parse(&self.api_base).is_err() || self.api_base.ends_with('/') {
            return Err(
                "HABEO_STRIPE_API_BASE is an address such as https://api.stripe.com, without a slash at the end",
            );
        }
        let meter = self.meter_event.as_deref();
        if meter.is_some() && keys.into_iter().all(Option::is_none) {
            return Err(
                "a meter is configured with HABEO_STRIPE_METER_EVENT, but neither HABEO_STRIPE_SECRET_KEY nor HABEO_STRIPE_TEST_SECRET_KEY",
            );
        }
        if meter.is_some_and(|name| name.is_empty() || name.len() > stripe::METER_EVENT_CHARS_MAX) {
            return Err(
                "HABEO_STRIPE_METER_EVENT is the name of a meter's event, of at most 100 characters",
            );
        }
        Ok(())
    }

    /// What the receiver of its reports is told.
    #[must_use]
    pub fn reports(&self) -> stripe::Settings {
        let trimmed = |secrets: &[secrecy::SecretString]| {
            let secrets = secrets.iter();
            secrets
                .map(|secret| secret.expose_secret().trim().to_owned().into())
                .collect()
        };
        stripe::Settings {
            live_secrets: trimmed(&self.webhook_secrets),
            test_secrets: trimmed(&self.test_webhook_secrets),
            seat_prices: self.seat_prices.clone(),
            grace_micros: i64::from(self.grace_days) * DAY_MICROS,
        }
    }

    /// The meter to which used seats are reported, if there is one.
    #[must_use]
    pub fn meter(&self) -> Option<stripe::Meter> {
        Some(stripe::Meter {
            event: self.meter_event.clone()?,
            customer_key: self.meter_customer_key.clone(),
            value_key: self.meter_value_key.clone(),
            api_base: self.api_base.clone(),
            api_version: self.api_version.clone(),
            live_key: self.secret_key.clone(),
            test_key: self.test_secret_key.clone(),
        })
    }
}
