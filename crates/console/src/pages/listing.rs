//! Tables that have pages, an order and filters.

use std::ops::Range;

use super::frame::ROWS;
use crate::{
    address::changed,
    call::{Call, Query},
    shown::{Markup, count, escaped, shown},
};

/// A table of which a page is shown.
pub(crate) struct Listing<'a> {
    path: &'a str,
    query: &'a Query,
    /// Rows that the filters leave.
    pub(crate) total: usize,
    page: usize,
    sort: &'a str,
}

impl<'a> Listing<'a> {
    /// Reads `page` and `sort`; the first of `sorts` is the order where none is asked for.
    pub(crate) fn new(call: &'a Call<'a>, path: &'a str, total: usize, sorts: &[&'a str]) -> Self {
        let asked = call.query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let sort = call.query.get("sort").filter(|sort| sorts.contains(sort));
        let sort = sort.or_else(|| sorts.first().copied()).unwrap_or_default();
        Self { path, query: call.query, total, page: asked.clamp(1, total.div_ceil(ROWS).max(1)), sort }
    }

    /// The column that the rows are sorted by.
    pub(crate) fn sort(&self) -> &'a str {
        self.sort
    }

    pub(crate) fn range(&self) -> Range<usize> {
        let start = (self.page - 1) * ROWS;
        start..(start + ROWS).min(self.total)
    }

    /// The heading of a column by which the table can be sorted.
    pub(crate) fn head(&self, column: &str, name: &str) -> Markup {
        self.heading(column, name, "")
    }

    /// As [`Self::head`], for a column of numbers.
    pub(crate) fn head_right(&self, column: &str, name: &str) -> Markup {
        self.heading(column, name, " class=\"right\"")
    }

    fn heading(&self, column: &str, name: &str, class: &str) -> Markup {
        let sorted = if self.sort == column { " aria-sort=\"other\"" } else { "" };
        let href = escaped(&changed(self.path, self.query, &[("sort", column)]));
        Markup(format!("<th scope=\"col\"{class}{sorted}><a href=\"{href}\">{name}</a></th>"))
    }

    /// What is shown, and the other pages.
    pub(crate) fn pager(&self) -> Markup {
        let pages = self.total.div_ceil(ROWS);
        if pages <= 1 {
            return Markup::default();
        }
        let link = |page: usize, text: &str, rel: &str| {
            let page = page.to_string();
            let href = escaped(&changed(self.path, self.query, &[("page", page.as_str())]));
            format!("<a href=\"{href}\"{rel}>{text}</a>")
        };
        let mut out = String::from("<nav class=\"pager\" aria-label=\"Pages of the table\">");
        if self.page > 1 {
            out.push_str(&link(1, "First", ""));
            out.push_str(&link(self.page - 1, "Previous", " rel=\"prev\""));
        }
        let range = self.range();
        out.push_str(&format!(
            "<span>Rows {}–{} of {}</span>",
            crate::shown::number(range.start as u64 + 1),
            crate::shown::number(range.end as u64),
            crate::shown::number(self.total as u64)
        ));
        if self.page < pages {
            out.push_str(&link(self.page + 1, "Next", " rel=\"next\""));
            out.push_str(&link(pages, "Last", ""));
        }
        out.push_str("</nav>");
        Markup(out)
    }

    /// Links to the same rows as files.
    pub(crate) fn exports(&self) -> Markup {
        exports(self.path, self.query)
    }

    /// How many rows, in words.
    pub(crate) fn told(&self, one: &str, many: &str) -> String {
        count(self.total as u64, one, many)
    }
}

/// Links to a table as files, with the filters of the query.
pub(crate) fn exports(path: &str, query: &Query) -> Markup {
    let link = |format: &str, name: &str| {
        let href = escaped(&changed(path, query, &[("format", format)]));
        format!("<a href=\"{href}\" download>{name}</a>")
    };
    Markup(format!("<span class=\"exports\">{} {}</span>", link("csv", "CSV"), link("json", "JSON")))
}

/// A form that filters a table by its address.
pub(crate) struct Form<'a> {
    query: &'a Query,
    /// Where the table is.
    pub(crate) action: &'a str,
    /// Choices from a list.
    pub(crate) choices: Vec<Choice>,
    /// What stands in the field for text, where there is one.
    pub(crate) text: Option<String>,
    /// Whether a filter is set.
    pub(crate) active: bool,
}

/// What an address says that leaves no row out.
const NO_FILTERS: [&str; 5] = ["page", "sort", "format", "path", "zone"];

/// A choice from a list.
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// Value, label, whether it is the chosen one.
    pub(crate) options: Vec<(String, String, bool)>,
}

impl<'a> Form<'a> {
    pub(crate) fn new(call: &'a Call<'a>, action: &'a str) -> Self {
        // Links narrow a table by more than its form has choices for.
        let active = call
            .query
            .pairs
            .iter()
            .any(|(name, value)| !value.is_empty() && !NO_FILTERS.contains(&name.as_str()));
        Self { query: call.query, action, choices: Vec::new(), text: None, active }
    }

    /// Adds a choice of these values and labels. Values that are too long for an address are left out.
    pub(crate) fn choice<'b>(
        mut self,
        name: &'static str,
        label: &'static str,
        options: impl IntoIterator<Item = (&'b str, String)>,
    ) -> Self {
        const MOST: usize = 120;
        let chosen = self.query.get(name);
        let options = options.into_iter().filter(|(value, _)| value.len() <= 200).take(MOST);
        let options = options
            .map(|(value, label)| (value.to_owned(), shown(&label, 48), chosen == Some(value)))
            .collect();
        self.choices.push(Choice { name, label, options });
        self
    }

    /// Adds a field for text.
    pub(crate) fn search(mut self) -> Self {
        let text = self.query.get("q");
        self.text = Some(shown(text.unwrap_or_default(), 200));
        self
    }

    /// Whether a value passes the choice of this name.
    pub(crate) fn takes(&self, name: &str, value: &str) -> bool {
        self.query.get(name).is_none_or(|chosen| chosen == value)
    }

    /// Whether one of several values passes the choice of this name.
    pub(crate) fn takes_one<'b>(&self, name: &str, mut values: impl Iterator<Item = &'b str>) -> bool {
        self.query.get(name).is_none_or(|chosen| values.any(|value| value == chosen))
    }

    /// Whether one of these texts holds what is searched for, in whatever case.
    pub(crate) fn finds(&self, texts: &[&str]) -> bool {
        self.query.get("q").is_none_or(|wanted| {
            let wanted = wanted.to_lowercase();
            texts.iter().any(|text| text.to_lowercase().contains(&wanted))
        })
    }
}

/// The words of an enumeration as options.
pub(crate) fn words<'a>(
    values: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = (&'a str, String)> {
    values.into_iter().map(|value| (value, value.replace('-', " ")))
}

/// The different values of a column, sorted, as options.
pub(crate) fn distinct<'a>(
    values: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = (&'a str, String)> {
    let values: std::collections::BTreeSet<&str> = values.into_iter().collect();
    values.into_iter().map(|value| (value, value.to_owned()))
}
