//! The picture as a Mermaid flowchart.

use std::fmt::Write as _;

use super::{COLOURS, Picture, graph::Kind};

pub(super) fn draw(picture: &Picture) -> String {
    let mut text = String::new();
    if let Some(title) = &picture.title {
        // The head of a diagram is YAML, of which JSON texts are a part.
        let _ = writeln!(text, "---\ntitle: {}\n---", serde_json::Value::from(title.as_str()));
    }
    text.push_str("flowchart TD\n");
    for (number, node) in picture.graph.nodes.iter().enumerate() {
        let id = id(picture, number);
        let (open, close) = match node.kind {
            Kind::Start | Kind::End => {
                let shape = if node.kind == Kind::Start { "((start))" } else { "(((end)))" };
                let _ = writeln!(text, "    {id}{shape}");
                continue;
            }
            Kind::Choice => ("{{\"", "\"}}"),
            Kind::Fail => ("[[\"", "\"]]"),
            Kind::State | Kind::Missing => ("[\"", "\"]"),
        };
        let mut lines = vec![format!("<b>{}</b>", escape(&node.name)), escape(&node.detail)];
        lines.extend(picture.story(node).map(|story| escape(&story)));
        let class = if node.kind == Kind::Missing { "missing" } else { picture.class(node) };
        let _ = writeln!(text, "    {id}{open}{}{close}:::{class}", lines.join("<br/>"));
    }
    for edge in &picture.graph.edges {
        let [from, to] = [edge.from, edge.to];
        let taken = picture.is_taken(&picture.graph.nodes[from], &picture.graph.nodes[to]);
        let line = match (taken, edge.caught) {
            (true, _) => "==>",
            (false, true) => "-.->",
            (false, false) => "-->",
        };
        let label =
            if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&edge.label)) };
        let _ = writeln!(text, "    {} {line}{label} {}", id(picture, from), id(picture, to));
    }
    for (class, fill, line, ink) in COLOURS {
        let _ = writeln!(text, "    classDef {class} fill:{fill},stroke:{line},color:{ink}");
    }
    text
}

/// The name of a node in the diagram; states are counted in the order in which a run comes to them.
fn id(picture: &Picture, number: usize) -> String {
    match picture.graph.nodes[number].kind {
        Kind::Start => "start".to_owned(),
        Kind::End => "finish".to_owned(),
        // The first node is the beginning.
        _ => format!("s{}", number.saturating_sub(1)),
    }
}

/// Writes what means something to Mermaid or in HTML as its number, so that any name is a text.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || " .,:;-_/$'()=~+*?!…≤≥".contains(c) {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(c));
        }
    }
    escaped
}
