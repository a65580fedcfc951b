//! Habeo in Slack, as its users, its administrators and Slack itself meet it.

mod answers;
mod buying;
mod confirm;
mod dialogs;
mod doors;
mod events;
mod hostile;
mod installing;
mod linking;
mod model;
mod notices;
mod pages;
mod slow;
mod writes;
