//! In which elements a byte of a document lies: found by reading it once more, since nobody asks of a document that is in order.

use std::collections::HashMap;
use std::fmt::Write as _;

use quick_xml::events::Event;

/// The longest path that is told.
const PATH_BYTES_MAX: usize = 1_024;

/// An element on the way, and how many of each name it has had so far.
#[derive(Default)]
struct Step {
    name: String,
    of_its_name: usize,
    children: HashMap<String, usize>,
}

impl Step {
    fn child(&mut self, name: &str) -> Self {
        let count = self.children.entry(name.to_owned()).or_default();
        *count += 1;
        Self {
            name: name.to_owned(),
            of_its_name: *count,
            children: HashMap::new(),
        }
    }
}

/// The path to a byte. A tag is in its own element.
pub fn path(text: &str, at: usize) -> String {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut steps = vec![Step::default()];
    loop {
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        if position > at {
            break;
        }
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let child = steps.last_mut().map(|step| step.child(start.name().0));
                steps.extend(child);
            }
            // The end of an empty element has no tag of its own.
            Ok(Event::End(_)) if steps.len() > 1 && (position < at || !is_end(text, position)) => {
                steps.pop();
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    written(&steps[1..])
}

/// Whether an element ends here by a tag.
fn is_end(text: &str, position: usize) -> bool {
    text.get(position..)
        .is_some_and(|rest| rest.starts_with("</"))
}

fn written(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        if path.len() + step.name.len() > PATH_BYTES_MAX {
            path.push_str("/…");
            break;
        }
        path.push('/');
        path.push_str(&step.name);
        if step.of_its_name > 1 {
            // Writing to a text does not fail.
            let _ = write!(path, "[{}]", step.of_its_name);
        }
    }
    path
}
