//! Serves the sample of the tests, to look at the reference page: `cargo run -p habeo-surface --example sample -- 127.0.0.1:8099`.

#[path = "../tests/openapi/sample/mod.rs"]
mod sample;

use poem::Server;
use poem::listener::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8099".to_owned());
    Server::new(TcpListener::bind(address))
        .run(sample::app())
        .await
}
