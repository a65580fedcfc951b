//! Reading a body within its bounds, before anything behind the edge can read more.

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use poem::{Body, Request};
use tokio::time::timeout;

use super::bounds;
use crate::catalogue;
use crate::problem::Problem;

/// How long a body may take to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may pause between two pieces.
pub const BODY_CHUNK_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the body of a request and puts it back whole.
pub(super) async fn take(request: &mut Request, bytes_max: usize) -> Result<(), Problem> {
    bounds::check_declared_length(request, bytes_max)?;
    let body = request.take_body();
    if body.is_empty() {
        return Ok(());
    }
    let bytes = timeout(BODY_TIMEOUT, collect(body, bytes_max))
        .await
        .map_err(|_| late())??;
    request.set_body(bytes);
    Ok(())
}

async fn collect(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut pieces = pin!(body.into_bytes_stream());
    let mut whole = BytesMut::new();
    while let Some(piece) = timeout(BODY_CHUNK_TIMEOUT, pieces.next())
        .await
        .map_err(|_| late())?
    {
        let piece = piece.map_err(|error| broken(&error))?;
        if whole.len() + piece.len() > bytes_max {
            return Err(Problem::new(&catalogue::PAYLOAD_TOO_LARGE));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

fn late() -> Problem {
    Problem::new(&catalogue::REQUEST_TIMEOUT)
}

fn broken(_: &io::Error) -> Problem {
    Problem::new(&catalogue::INVALID_REQUEST).detail("the body could not be read to its end")
}
