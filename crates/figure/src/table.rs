use crate::label;

/// The numbers of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// One heading for each column.
    pub head: Vec<String>,
    /// Rows with one cell for each column; the first cell names the row.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Raw text; it is escaped where it is written.
    pub text: String,
    /// Where the rows behind it are.
    pub href: Option<String>,
    /// Set to the right, in tabular figures.
    pub number: bool,
}

impl Cell {
    /// A cell of words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), href: None, number: false }
    }

    /// A cell of words that leads somewhere.
    pub fn link(text: impl Into<String>, href: Option<&String>) -> Self {
        Self { text: text.into(), href: href.cloned(), number: false }
    }

    /// A cell with a count.
    pub fn number(number: u64) -> Self {
        Self { text: label::number(number), href: None, number: true }
    }
}

impl Table {
    /// The table as HTML: caption, headings with their scope, everything escaped.
    pub fn html(&self) -> String {
        let mut html = format!(
            "<table class=\"fig-table\"><caption>{}</caption><thead><tr>",
            label::escaped(&label::shown(&self.caption))
        );
        for head in &self.head {
            html.push_str(&format!("<th scope=\"col\">{}</th>", label::escaped(&label::shown(head))));
        }
        html.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            html.push_str("<tr>");
            for (index, cell) in row.iter().enumerate() {
                cell_html(&mut html, cell, index == 0);
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
        html
    }
}

fn cell_html(html: &mut String, cell: &Cell, names_the_row: bool) {
    let class = if cell.number { " class=\"fig-number\"" } else { "" };
    let (open, close) = if names_the_row { ("<th scope=\"row\"", "</th>") } else { ("<td", "</td>") };
    html.push_str(&format!("{open}{class}>"));
    let text = label::escaped(&label::shown(&cell.text));
    match cell.href.as_deref().and_then(label::safe_href) {
        Some(href) => html.push_str(&format!("<a href=\"{href}\">{text}</a>")),
        None => html.push_str(&text),
    }
    html.push_str(close);
}
