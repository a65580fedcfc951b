//! The buyer's address for documents: it keeps what comes, and answers as a test wants.

use std::sync::{Arc, Mutex, PoisonError};

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Request, Response, Server, endpoint};
use tokio::task::JoinHandle;
use url::Url;

/// The buyer. It ends when it is dropped.
#[derive(Debug)]
pub struct Buyer {
    pub url: Url,
    kept: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Buyer {
    /// Answers everything with this body.
    pub async fn answering(body: &'static str) -> Self {
        let acceptor = TcpListener::bind("127.0.0.1:0")
            .into_acceptor()
            .await
            .expect("a free port");
        let address = acceptor.local_addr()[0]
            .as_socket_addr()
            .copied()
            .expect("an address");
        let kept: Arc<Mutex<Vec<String>>> = Arc::default();
        let keeping = Arc::clone(&kept);
        let serve = endpoint::make(move |mut request: Request| {
            let keeping = Arc::clone(&keeping);
            async move {
                let text = request.take_body().into_string().await?;
                keeping
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(text);
                Ok::<_, poem::Error>(Response::builder().content_type("text/xml").body(body))
            }
        });
        let serving =
            tokio::spawn(async move { drop(Server::new_with_acceptor(acceptor).run(serve).await) });
        let url = Url::parse(&format!("http://{address}/documents")).expect("an address");
        Self { url, kept, serving }
    }

    /// What came so far.
    pub fn kept(&self) -> Vec<String> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Buyer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An answer of the protocol.
pub const OK: &str = "<cXML payloadID=\"1@habeo\" timestamp=\"2026-05-26T09:00:00-05:00\"><Response><Status code=\"200\" text=\"OK\">taken in</Status></Response></cXML>";
