//! What can be asked of orders: to place one, to say how many pieces a line is, to decide what a line waits for, and to take it back.

mod cancel;
mod pieces;
mod place;
mod stopped;

pub use cancel::Cancel;
pub use pieces::{AnswerPieces, Pieces};
pub use place::{CATEGORY_CODE, Place};
pub use stopped::DecideLine;
