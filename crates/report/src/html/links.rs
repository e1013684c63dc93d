use std::collections::BTreeSet;

/// The page with only those links that lead to a place in it.
///
/// A row that is left out for length cannot be linked to, and a figure may link to a page that only the console has;
/// such a link loses its target and stays as text. So no link of the report leads out of it.
pub(super) fn settled(html: &str) -> String {
    const HREF: &str = " href=\"";
    let ids: BTreeSet<&str> = attribute_values(html, " id=\"").collect();
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(HREF) {
        out.push_str(before);
        let Some((target, after)) = after.split_once('"') else { break };
        if target.strip_prefix('#').is_some_and(|id| ids.contains(id)) {
            out.push_str(HREF);
            out.push_str(target);
            out.push('"');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The values of an attribute. Text holds no quotes but escaped ones, so each match is an attribute.
fn attribute_values<'a>(html: &'a str, attribute: &'static str) -> impl Iterator<Item = &'a str> {
    html.split(attribute).skip(1).filter_map(|rest| rest.split_once('"')).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::settled;

    #[test]
    fn links_that_lead_nowhere_or_out_become_text() {
        let html =
            "<p id=\"a\"><a href=\"#a\">x</a> <a href=\"#b\">y</a> <a class=\"z\" href=\"?zone=1\">z</a></p>";
        assert_eq!(settled(html), "<p id=\"a\"><a href=\"#a\">x</a> <a>y</a> <a class=\"z\">z</a></p>");
    }
}
