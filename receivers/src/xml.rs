//! The safe reader of XML from outside: events, never a tree; no entities, nothing fetched, everything bounded.
