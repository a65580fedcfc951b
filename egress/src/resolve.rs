//! From names to addresses: looked up once per attempt, checked as a whole, and handed to the connection as they were checked.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolving};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::{EgressError, Stage};

/// For one name.
pub(crate) const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);
/// The most addresses of a name that are looked at; a name with more is not a web server's.
const ADDRESSES_MAX: usize = 64;

/// The addresses of a name.
pub type Found = BoxFuture<'static, io::Result<Vec<IpAddr>>>;

/// Where names are looked up.
pub trait Resolve: Send + Sync + fmt::Debug {
    /// All addresses of a name.
    fn resolve(&self, name: &str) -> Found;
}

/// The operating system's way, as `/etc/hosts` and its name servers have it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Looks a name up, within its time and the lane's share of look-ups.
pub(crate) async fn look_up(
    resolver: &dyn Resolve,
    lookups: &Arc<Semaphore>,
    name: &str,
) -> Result<Vec<IpAddr>, EgressError> {
    let found = resolver.resolve(name);
    let lookups = lookups.clone();
    let looking = async move {
        let Ok(permit) = lookups.acquire_owned().await else {
            return Err(io::Error::other("the lane is closed"));
        };
        // Its own task: a look-up cannot be called off, so it keeps its share of threads until it has ended.
        let looking = tokio::spawn(async move {
            let found = found.await;
            drop(permit);
            found
        });
        looking.await.map_err(io::Error::other)?
    };
    let found = timeout(LOOKUP_TIMEOUT, looking)
        .await
        .map_err(|_| EgressError::TimedOut(Stage::Name))?;
    match found {
        Ok(addresses) if (1..=ADDRESSES_MAX).contains(&addresses.len()) => Ok(addresses),
        Ok(_) | Err(_) => Err(EgressError::NameNotFound),
    }
}

/// What was checked for one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) host: String,
    pub(crate) addresses: Vec<SocketAddr>,
}

tokio::task_local! {
    /// The addresses that the attempt of this task may connect to.
    pub(crate) static CHECKED: Checked;
}

/// The resolver inside the HTTP client. It looks nothing up: it knows what the attempt that polls it has checked, and nothing else. A connection
/// begun in any other way finds no address at all.
pub(crate) struct OnlyChecked;

impl reqwest::dns::Resolve for OnlyChecked {
    fn resolve(&self, name: Name) -> Resolving {
        let checked = CHECKED
            .try_with(|checked| (checked.host == name.as_str()).then(|| checked.addresses.clone()));
        let addresses = checked.ok().flatten();
        Box::pin(async move {
            let addresses = addresses.ok_or("no address was checked for this name")?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
