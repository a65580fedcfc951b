//! A page of blocks that never grows beyond its bound, and says so when something was left out.

use super::super::block::{BUTTONS_MAX, Block, Element, Text};
use super::button;
use crate::reply::Button;

/// Blocks, as many as may be.
#[derive(Debug)]
pub struct Page {
    blocks: Vec<Block>,
    blocks_max: usize,
    reserved: usize,
    left_out: usize,
    lacks_changes: bool,
    elements: usize,
}

impl Page {
    /// A page of at most so many blocks. The last one is kept for saying what was left out.
    #[must_use]
    pub const fn new(blocks_max: usize) -> Self {
        Self {
            blocks: Vec::new(),
            blocks_max,
            reserved: 1,
            left_out: 0,
            lacks_changes: false,
            elements: 0,
        }
    }

    /// Keeps a block free for the end.
    pub(super) const fn reserve(&mut self) {
        self.reserved += 1;
    }

    /// Adds a block, or counts it as left out. Once one is left out, so are those that follow: a page has no holes.
    pub fn put(&mut self, block: Block) {
        if self.left_out > 0 || self.room() == 0 {
            self.left_out += 1;
        } else {
            self.blocks.push(block);
        }
    }

    /// Adds a block of what would change, and remembers when it has to be left out.
    pub(super) fn put_change(&mut self, block: Block) {
        self.put(block);
        self.lacks_changes |= self.left_out > 0;
    }

    /// Whether a block of what would change was left out.
    pub(super) const fn lacks_changes(&self) -> bool {
        self.lacks_changes
    }

    /// A row with what can be pressed: beside it, where it is one button, else below it.
    pub(super) fn row(&mut self, text: &str, buttons: &[Button]) {
        let mut elements = self.elements(buttons);
        if elements.len() == 1 {
            self.put(Block::Section {
                text: Some(Text::marked(text)),
                fields: Vec::new(),
                accessory: elements.pop(),
            });
        } else if self.room() < 2 {
            self.left_out += 1;
        } else {
            self.put(Block::section(text));
            self.put_elements(elements);
        }
    }

    /// Buttons of their own.
    pub(super) fn buttons(&mut self, buttons: &[Button]) {
        let elements = self.elements(buttons);
        self.put_elements(elements);
    }

    /// The buttons at the end, for which a block was reserved, below the word about what was left out.
    pub(super) fn last_buttons(&mut self, buttons: &[Button]) {
        self.tell_left_out();
        let elements = self.elements(buttons);
        if !elements.is_empty() {
            self.blocks.push(Block::Actions { elements });
        }
    }

    /// The blocks.
    #[must_use]
    pub fn into_blocks(mut self) -> Vec<Block> {
        self.tell_left_out();
        self.blocks
    }

    fn room(&self) -> usize {
        self.blocks_max
            .saturating_sub(self.reserved + self.blocks.len())
    }

    fn tell_left_out(&mut self) {
        if self.left_out > 0 {
            let text = format!("{} more left out; ask for less at a time.", self.left_out);
            self.blocks.push(Block::context(&text));
            self.left_out = 0;
        }
    }

    fn put_elements(&mut self, elements: Vec<Element>) {
        if !elements.is_empty() {
            self.put(Block::Actions { elements });
        }
    }

    /// Every element has an id of its own on the page, whatever block it stands in.
    fn elements(&mut self, buttons: &[Button]) -> Vec<Element> {
        let shown: Vec<Element> = buttons
            .iter()
            .filter_map(|button| {
                let element = button::element(button, self.elements)?;
                self.elements += 1;
                Some(element)
            })
            .take(BUTTONS_MAX)
            .collect();
        shown
    }
}
