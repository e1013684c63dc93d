use std::collections::BTreeSet;

use bartizan_figure::STYLE;
use roxmltree::{Document, Node};

/// Fails unless the HTML is well-formed, carries nothing that a strict content security policy refuses, has unique ids
/// that its references find, and draws within its pictures with classes that the style sheet knows.
pub(crate) fn assert_sound(html: &str) {
    let page = format!("<body>{html}</body>");
    let document = Document::parse(&page).unwrap_or_else(|error| panic!("{error}: {page}"));
    let mut ids = BTreeSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(!["script", "style", "foreignObject", "image", "use"].contains(&name), "<{name}>");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "style", "{name}");
            assert!(!value.contains("NaN") || name.starts_with("aria") || name == "href", "{name}={value}");
            if name == "id" {
                assert!(ids.insert(value.to_owned()), "{value} is there twice");
            }
        }
        for class in node.attribute("class").unwrap_or_default().split_ascii_whitespace() {
            assert!(class.starts_with("fig") || class.starts_with("tone-"), "{class}");
        }
    }
    for node in document.descendants().filter(Node::is_element) {
        for reference in ["aria-labelledby", "aria-describedby"] {
            if let Some(id) = node.attribute(reference) {
                assert!(ids.contains(id), "{id} is nowhere");
            }
        }
    }
    for svg in document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "svg")))
    {
        assert_drawn_inside(svg);
    }
}

fn assert_drawn_inside(svg: Node<'_, '_>) {
    let view_box: Vec<f64> = svg
        .attribute("viewBox")
        .expect("a picture has a view box")
        .split(' ')
        .map(|value| value.parse().expect("a number"))
        .collect();
    let (width, height) = (view_box[2], view_box[3]);
    assert!(width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite());
    assert!(["width", "height", "style"].iter().all(|name| svg.attribute(*name).is_none()));
    assert!(
        svg.attribute("class")
            .expect("a picture has classes")
            .split(' ')
            .all(|class| STYLE.contains(&format!(".{class} {{")))
    );
    for node in svg.descendants() {
        let value = |name: &str| {
            node.attribute(name).map(|value| value.parse::<f64>().expect("a coordinate is a number"))
        };
        let slanted = node.ancestors().any(|ancestor| ancestor.attribute("transform").is_some());
        if let (false, Some(x), Some(y)) = (slanted, value("x"), value("y")) {
            let (w, h) = (value("width").unwrap_or(0.0), value("height").unwrap_or(0.0));
            let inside = x >= -0.5 && y >= -0.5 && x + w <= width + 0.5 && y + h <= height + 0.5;
            assert!(inside, "{x} {y} {w} {h} leaves {width} {height}");
        }
    }
}

/// One element on each line, for people who read snapshots.
pub(crate) fn lines(html: &str) -> String {
    html.replace("><", ">\n<")
}
