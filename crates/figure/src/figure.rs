use crate::{label, table::Table};

/// What a figure is called in its page.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Unique in the page: all ids inside the figure start with it. Letters, digits, `-` and `_`; other characters
    /// are replaced.
    pub id: &'a str,
    /// One line, with the unit where there is one.
    pub title: &'a str,
    /// What the figure says, in a sentence, for those who do not see it.
    pub description: &'a str,
}

/// A picture and the same numbers as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// An `<svg>` element for HTML, with title and description; in a scrolling box where the picture is wider than a
    /// telephone.
    pub svg: String,
    /// The same numbers, complete.
    pub table: Table,
}

impl Figure {
    /// Picture, title and folded table as one `<figure>`.
    pub fn html(&self) -> String {
        format!(
            "<figure class=\"fig\">{}<details class=\"fig-data\"><summary>The same as a table</summary>\
             <div class=\"fig-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table: {}\">{}</div></details></figure>\n",
            self.svg,
            label::escaped(&label::shown(&self.table.caption)),
            self.table.html()
        )
    }
}
