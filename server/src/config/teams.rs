//! The settings of the Teams app, held against each other.

use habeo_bot::teams::settings::{Credential, Registration, ServiceHost, Settings};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{Teams, TeamsAppType};

impl Teams {
    /// What contradicts something, or is no address.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let addresses = [&self.openid_metadata_url, &self.login_base];
        let plain = |address: &String| Url::parse(address).is_ok() && !address.ends_with('/');
        if !addresses.into_iter().all(plain) {
            return Err(
                "HABEO_TEAMS_OPENID_METADATA_URL and HABEO_TEAMS_LOGIN_BASE are addresses such as https://login.microsoftonline.com, without a slash at the end",
            );
        }
        if self.hosts().is_none() {
            return Err(
                "HABEO_TEAMS_SERVICE_URL_HOSTS takes hosts such as smba.trafficmanager.net, without a scheme",
            );
        }
        let secrets = [&self.app_password, &self.app_certificate];
        let given = secrets.into_iter().flatten().count();
        if self.app_id.as_deref().is_some_and(str::is_empty)
            || given != usize::from(self.app_id.is_some())
            || secrets.into_iter().flatten().any(is_empty)
        {
            return Err(
                "a Teams app needs HABEO_TEAMS_APP_ID and one of HABEO_TEAMS_APP_PASSWORD and HABEO_TEAMS_APP_CERTIFICATE, or none of them",
            );
        }
        if self.app_id.is_some() && self.registration().is_none() {
            return Err(
                "a Teams app of the type SingleTenant needs HABEO_TEAMS_APP_TENANT_ID: the tenant in which its bot is registered",
            );
        }
        Ok(())
    }

    /// The app, if one is configured.
    #[must_use]
    pub fn app(&self) -> Option<Settings> {
        let credential = match (&self.app_password, &self.app_certificate) {
            (Some(secret), _) => Credential::Secret(secret.clone()),
            (None, Some(pem)) => Credential::Certificate(pem.clone()),
            (None, None) => return None,
        };
        Some(Settings {
            app_id: self.app_id.clone()?,
            credential,
            registration: self.registration()?,
            metadata_url: self.openid_metadata_url.clone(),
            issuer: self.token_issuer.clone(),
            login_base: self.login_base.clone(),
            scope: self.oauth_scope.clone(),
            service_hosts: self.hosts()?,
        })
    }

    fn registration(&self) -> Option<Registration> {
        match self.app_type {
            TeamsAppType::MultiTenant => Some(Registration::MultiTenant),
            TeamsAppType::SingleTenant => {
                let tenant = self.app_tenant_id.clone();
                tenant
                    .filter(|tenant| !tenant.is_empty())
                    .map(Registration::SingleTenant)
            }
        }
    }

    fn hosts(&self) -> Option<Vec<ServiceHost>> {
        let hosts = self.service_url_hosts.iter();
        hosts.map(|host| host.parse().ok()).collect()
    }
}

fn is_empty(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}
