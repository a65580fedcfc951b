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

/// The paths to bytes that are in the order of the document. A tag is in its own element.
pub fn paths(text: &str, ats: &[usize]) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut steps = vec![Step::default()];
    let mut paths = Vec::with_capacity(ats.len());
    while paths.len() < ats.len() {
        let at = ats[paths.len()];
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        if position > at {
            paths.push(written(&steps[1..]));
            continue;
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
            // Nothing more is read: what is asked for lies where the reading ended.
            Ok(Event::Eof) | Err(_) => {
                paths.resize(ats.len(), written(&steps[1..]));
            }
            Ok(_) => {}
        }
    }
    paths
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
