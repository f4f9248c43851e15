//! The picture as an SVG document.

use std::fmt::Write as _;

use super::{
    COLOURS, Picture,
    graph::{Edge, Kind, Node},
    layout::{LOOP, Layout, Line, Point, Route, lay_out},
};

/// The height of a line of text in a box.
const TEXT_LINE: f64 = 17.0;
/// The most characters of a text that are drawn; the rest shows when one points at it.
const LONGEST: usize = 44;
/// The space above the picture for its title.
const TITLE: f64 = 34.0;

/// A box with its texts, before it has a place.
struct Label {
    lines: Vec<String>,
    size: Point,
}

pub(super) fn draw(picture: &Picture) -> String {
    let labels: Vec<Label> = picture.graph.nodes.iter().map(|node| label(picture, node)).collect();
    let sizes: Vec<Point> = labels.iter().map(|label| label.size).collect();
    let lines: Vec<Line> = picture.graph.edges.iter().map(line).collect();
    let layout = lay_out(&sizes, &lines);
    let title = picture.title.as_deref().unwrap_or("Flow");
    let above = if picture.title.is_some() { TITLE } else { 0.0 };
    let width =
        layout.size.0.max(if picture.title.is_some() { 1.35 * text_width(title) + 40.0 } else { 0.0 });
    let height = layout.size.1 + above;

    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12">"#
    );
    let _ = writeln!(svg, "<title>{}</title>", escape(title));
    style(&mut svg);
    let _ = writeln!(svg, r##"<rect width="100%" height="100%" fill="#ffffff"/>"##);
    if let Some(title) = &picture.title {
        let _ = writeln!(
            svg,
            r#"<text x="{:.1}" y="26" font-size="16" font-weight="bold" text-anchor="middle">{}</text>"#,
            width / 2.0,
            escape(title)
        );
    }
    let aside = (width - layout.size.0) / 2.0;
    let _ = writeln!(svg, r#"<g transform="translate({aside:.1} {above:.0})">"#);
    edges(&mut svg, picture, &layout);
    for ((node, label), middle) in picture.graph.nodes.iter().zip(&labels).zip(&layout.boxes) {
        state(&mut svg, picture, node, label, *middle);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Colours by class, and the heads of arrows.
fn style(svg: &mut String) {
    svg.push_str("<style>\n.edge { fill: none; stroke: #7a8699; stroke-width: 1.3 }\n");
    svg.push_str(".error { stroke-dasharray: 5 4 }\n.taken { stroke: #2e7d32; stroke-width: 2.4 }\n");
    svg.push_str(".label { fill: #4a5568; font-size: 11px }\n.dot { fill: #1b2a41; stroke: #1b2a41 }\n");
    for (class, fill, line, ink) in COLOURS {
        let _ = writeln!(
            svg,
            ".{class} .shape {{ fill: {fill}; stroke: {line}; stroke-width: 1.6 }} .{class} text {{ fill: {ink} }}"
        );
    }
    svg.push_str(".missing .shape { stroke-dasharray: 4 3 }\n</style>\n<defs>\n");
    for (id, colour) in [("arrow", "#7a8699"), ("taken-arrow", "#2e7d32")] {
        let _ = writeln!(
            svg,
            r#"<marker id="{id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1 L10 5 L0 9 z" fill="{colour}"/></marker>"#
        );
    }
    svg.push_str("</defs>\n");
}

fn line(edge: &Edge) -> Line {
    let label = if edge.label.is_empty() { 0.0 } else { text_width(&short(&edge.label)) + 8.0 };
    Line { from: edge.from, to: edge.to, label }
}

fn label(picture: &Picture, node: &Node) -> Label {
    if matches!(node.kind, Kind::Start | Kind::End) {
        return Label { lines: Vec::new(), size: (18.0, 18.0) };
    }
    let mut lines = vec![short(&node.name), short(&node.detail)];
    lines.extend(picture.story(node));
    // Names are bold, in some fonts much wider than in others, and cut corners take room.
    let widest = lines
        .iter()
        .enumerate()
        .map(|(number, line)| text_width(line) * if number == 0 { 1.25 } else { 1.0 });
    let padding = if node.kind == Kind::Choice { 44.0 } else { 26.0 };
    let width = widest.fold(70.0, f64::max) + padding;
    let height = 13.0 + TEXT_LINE * lines.iter().fold(0.0, |count, _| count + 1.0);
    Label { lines, size: (width, height) }
}

fn edges(svg: &mut String, picture: &Picture, layout: &Layout) {
    let nodes = &picture.graph.nodes;
    let mut labels = String::new();
    for (edge, route) in picture.graph.edges.iter().zip(&layout.routes) {
        let taken = picture.is_taken(&nodes[edge.from], &nodes[edge.to]);
        let error = if edge.caught { " error" } else { "" };
        let (class, head) = if taken { (" taken", "taken-arrow") } else { ("", "arrow") };
        let _ = writeln!(
            svg,
            r#"<path class="edge{error}{class}" d="{}" marker-end="url(#{head})"/>"#,
            path(route)
        );
        if !edge.label.is_empty() {
            let (text, (x, y)) = (short(&edge.label), route.label);
            let width = text_width(&text) + 6.0;
            let _ = writeln!(
                labels,
                r##"<g><title>{}</title><rect x="{:.1}" y="{:.1}" width="{width:.1}" height="16" rx="3" fill="#ffffff" fill-opacity="0.9"/><text class="label" x="{x:.1}" y="{:.1}" text-anchor="middle">{}</text></g>"##,
                escape(&edge.label),
                x - width / 2.0,
                y - 8.0,
                y + 4.0,
                escape(&text)
            );
        }
    }
    svg.push_str(&labels);
}

/// A curve through the points of a route that is upright at each of them.
fn path(route: &Route) -> String {
    let mut points = route.points.iter();
    let Some((mut x, mut y)) = points.next().copied() else { return String::new() };
    if route.is_loop {
        let far = x + 1.3 * LOOP;
        return format!(
            "M{x:.1} {:.1} C{far:.1} {:.1} {far:.1} {:.1} {x:.1} {:.1}",
            y - 8.0,
            y - 22.0,
            y + 22.0,
            y + 8.0
        );
    }
    let mut path = format!("M{x:.1} {y:.1}");
    for (next_x, next_y) in points {
        let middle = f64::midpoint(y, *next_y);
        if (x - next_x).abs() < 0.05 {
            let _ = write!(path, " L{next_x:.1} {next_y:.1}");
        } else {
            let _ = write!(path, " C{x:.1} {middle:.1} {next_x:.1} {middle:.1} {next_x:.1} {next_y:.1}");
        }
        (x, y) = (*next_x, *next_y);
    }
    path
}

fn state(svg: &mut String, picture: &Picture, node: &Node, label: &Label, (x, y): Point) {
    let (width, height) = label.size;
    if matches!(node.kind, Kind::Start | Kind::End) {
        let radius = width / 2.0;
        let _ =
            write!(svg, r##"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="none" stroke="#1b2a41"/>"##);
        let inner = if node.kind == Kind::Start { radius } else { radius - 4.0 };
        let _ = writeln!(svg, r#"<circle class="dot" cx="{x:.1}" cy="{y:.1}" r="{inner}"/>"#);
        return;
    }
    let class = if node.kind == Kind::Missing { "missing" } else { picture.class(node) };
    let _ = write!(svg, r#"<g class="{class}"><title>{}"#, escape(&node.name));
    if let Some(error) = picture.visits(node).and_then(|visits| visits.error.as_deref()) {
        let _ = write!(svg, ": {}", escape(error));
    }
    svg.push_str("</title>");
    let (left, top, right, bottom) = (x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0);
    if node.kind == Kind::Choice {
        let cut = 14.0;
        let _ = write!(
            svg,
            r#"<path class="shape" d="M{:.1} {top:.1} H{:.1} L{right:.1} {y:.1} L{:.1} {bottom:.1} H{:.1} L{left:.1} {y:.1} z"/>"#,
            left + cut,
            right - cut,
            right - cut,
            left + cut
        );
    } else {
        let corner = if node.kind == Kind::Fail { 0 } else { 7 };
        let _ = write!(
            svg,
            r#"<rect class="shape" x="{left:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}" rx="{corner}"/>"#
        );
    }
    let mut line = top + 6.0;
    for (number, text) in label.lines.iter().enumerate() {
        line += TEXT_LINE;
        let weight = if number == 0 { r#" font-weight="bold" font-size="13""# } else { "" };
        let _ = write!(
            svg,
            r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle"{weight}>{}</text>"#,
            line - 3.0,
            escape(text)
        );
    }
    svg.push_str("</g>\n");
}

/// About how wide a text is.
fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' => 3.6,
            'm' | 'w' | 'M' | 'W' => 10.0,
            'A'..='Z' => 8.2,
            c if u32::from(c) >= 0x2E80 => 13.0,
            _ => 6.7,
        })
        .sum()
}

fn short(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}

/// Writes what means something to XML as what it stands for, and leaves out what XML cannot hold.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
