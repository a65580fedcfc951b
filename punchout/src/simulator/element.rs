//! Documents as trees of elements, read and written by nothing but the XML library.
//!
//! None of this is shared with the readers and writers that the simulator is there to try: a mistake of theirs must not be repeated here.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesCData, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

/// How deep a document may be.
const DEPTH_MAX: usize = 64;
/// How many elements a document may have.
const ELEMENTS_MAX: usize = 200_000;

/// An element with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its attributes, in their order.
    pub attributes: Vec<(String, String)>,
    /// What it holds.
    pub nodes: Vec<Node>,
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Another element.
    Element(Element),
    /// Characters.
    Text(String),
    /// Characters that are written as a CDATA section.
    Cdata(String),
}

/// Why bytes are no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the document cannot be read: {0}")]
pub struct Malformed(pub String);

impl Element {
    /// An empty one.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// One that holds characters.
    #[must_use]
    pub fn text(name: &str, text: impl Into<String>) -> Self {
        let mut element = Self::new(name);
        element.nodes.push(Node::Text(text.into()));
        element
    }

    /// The same with an attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }

    /// The same with another child.
    #[must_use]
    pub fn holding(mut self, child: Self) -> Self {
        self.nodes.push(Node::Element(child));
        self
    }

    /// The same with more children.
    #[must_use]
    pub fn holding_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.nodes.extend(children.into_iter().map(Node::Element));
        self
    }

    /// What an attribute says.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(found.1.as_str())
    }

    /// The children, in their order.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            Node::Text(_) | Node::Cdata(_) => None,
        })
    }

    /// The children of one name.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Self> + use<'a, 'n> {
        self.children().filter(move |child| child.name == name)
    }

    /// The first element at the end of a path of names, `Header/Sender`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |element, name| element.all(name).next())
    }

    /// What is written at the end of a path, white space around it left out; nothing where there is nothing.
    #[must_use]
    pub fn words(&self, path: &str) -> Option<String> {
        let text = self.at(path)?.content();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// All its characters, those of its children as well.
    #[must_use]
    pub fn content(&self) -> String {
        let parts = self.nodes.iter().map(|node| match node {
            Node::Element(child) => child.content(),
            Node::Text(text) | Node::Cdata(text) => text.clone(),
        });
        parts.collect()
    }

    /// Does something to this element and to every one in it, from the outside in.
    pub fn visit(&mut self, change: &mut impl FnMut(&mut Self)) {
        change(self);
        for node in &mut self.nodes {
            if let Node::Element(child) = node {
                child.visit(change);
            }
        }
    }

    /// Leaves out the children of one name.
    pub fn without(&mut self, name: &str) {
        self.nodes
            .retain(|node| !matches!(node, Node::Element(child) if child.name == name));
    }

    /// The document as text, without declaration and DOCTYPE.
    #[must_use]
    pub fn written(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        self.write(&mut writer)
            .expect("a vector takes everything that is written to it");
        String::from_utf8(writer.into_inner()).expect("the writer writes UTF-8")
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let mut start = BytesStart::new(self.name.as_str());
        for (name, value) in &self.attributes {
            start.push_attribute((name.as_str(), value.as_str()));
        }
        if self.nodes.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        for node in &self.nodes {
            match node {
                Node::Element(child) => child.write(writer)?,
                Node::Text(text) => writer.write_event(Event::Text(BytesText::new(text)))?,
                Node::Cdata(text) => {
                    for part in BytesCData::escaped(text) {
                        writer.write_event(Event::CData(part))?;
                    }
                }
            }
        }
        writer.write_event(Event::End(BytesEnd::new(self.name.as_str())))
    }
}

/// A document as it came in.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its root.
    pub root: Element,
    /// The text of its DOCTYPE, where it has one.
    pub doctype: Option<String>,
}

/// Reads a document in UTF-8.
pub fn read(bytes: &[u8]) -> Result<Document, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed("it is not UTF-8".to_owned()))?;
    let mut reader = Reader::from_str(text);
    let mut under_way = UnderWay::default();
    loop {
        let event = reader
            .read_event()
            .map_err(|error| Malformed(error.to_string()))?;
        if matches!(event, Event::Eof) {
            return under_way.finished();
        }
        under_way.take(&event)?;
    }
}

/// What has been read so far.
#[derive(Default)]
struct UnderWay {
    open: Vec<Element>,
    root: Option<Element>,
    doctype: Option<String>,
    elements: usize,
}

impl UnderWay {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Malformed> {
        match event {
            Event::Start(start) => self.begin(start)?,
            Event::Empty(start) => {
                self.begin(start)?;
                self.end()?;
            }
            Event::End(_) => self.end()?,
            Event::Text(text) => self.characters(text.as_ref())?,
            Event::CData(text) => self.characters(text.as_ref())?,
            Event::GeneralRef(reference) => self.reference(reference)?,
            Event::DocType(text) => self.doctype = Some(text.as_ref().to_owned()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), Malformed> {
        self.elements += 1;
        if self.open.len() >= DEPTH_MAX || self.elements > ELEMENTS_MAX {
            return Err(Malformed("it is deeper or larger than we take".to_owned()));
        }
        let mut element = Element::new(start.name().as_ref());
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| Malformed(error.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|error| Malformed(error.to_string()))?;
            element = element.with(attribute.key.as_ref(), value);
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let done = self.open.pop().ok_or_else(|| stray("end tag"))?;
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(done)),
            None if self.root.is_none() => self.root = Some(done),
            None => return Err(stray("second root")),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &quick_xml::events::BytesRef<'_>) -> Result<(), Malformed> {
        let resolved = reference
            .resolve_char_ref()
            .map_err(|error| Malformed(error.to_string()))?;
        if let Some(character) = resolved {
            return self.characters(character.encode_utf8(&mut [0; 4]));
        }
        let name: &str = reference.as_ref();
        match quick_xml::escape::resolve_predefined_entity(name) {
            Some(text) => self.characters(text),
            None => Err(Malformed(format!("the entity {name:?} is not declared"))),
        }
    }

    fn characters(&mut self, text: &str) -> Result<(), Malformed> {
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Text(text.to_owned())),
            None if text.trim().is_empty() => {}
            None => return Err(stray("text")),
        }
        Ok(())
    }

    fn finished(self) -> Result<Document, Malformed> {
        if !self.open.is_empty() {
            return Err(Malformed("it ends too early".to_owned()));
        }
        let root = self
            .root
            .ok_or_else(|| Malformed("it has no root".to_owned()))?;
        Ok(Document {
            root,
            doctype: self.doctype,
        })
    }
}

fn stray(what: &str) -> Malformed {
    Malformed(format!("there is a {what} where none may be"))
}
