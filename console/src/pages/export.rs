//! A list as a file, as an answer in a chat offered it to whoever asked.

use poem::web::{Data, Path};
use poem::{Response, Result, handler};

use super::{absent, failed};
use crate::Console;
use crate::visitor::SignedIn;

/// The file, for the person to whom it was offered; for everybody else there is none. It holds what they may see now.
#[handler]
pub(crate) async fn fetch(
    Data(console): Data<&Console>,
    visitor: SignedIn,
    Path((offer, number)): Path<(String, String)>,
) -> Result<Response> {
    let number: usize = number.parse().map_err(|_| absent())?;
    let engine = &console.parts().bot.common().parts().engine;
    let file = engine.file(visitor.access(), &offer, number).await;
    let file = file.map_err(failed)?.ok_or_else(absent)?;
    let tables = &console.parts().tables;
    tables
        .assets(visitor.access(), file.filter, file.words)
        .await
}
