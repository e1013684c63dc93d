//! The mark: a small overhanging turret with one slit.

use bartizan_report::v1::Status;

/// The mark as a path in a square of 32 units; the slit is a hole (fill rule `evenodd`).
pub(crate) const fn mark_path() -> &'static str {
    "M6 3h4v3h4V3h4v3h4V3h4v9l-2 2v9l-3 2-2 5h-6l-2-5-3-2v-9l-2-2z M14.75 13h2.5v8h-2.5z"
}

/// The mark as a picture of its own, in the colour of a status. The colours are those of the page on a light ground;
/// a thin ring keeps it visible on a dark one.
pub(crate) fn icon(status: Status) -> String {
    let colour = match status {
        Status::Failing => "#a3231f",
        Status::Expired => "#8a4b08",
        Status::Unknown => "#4f5b66",
        Status::Partial => "#7a5a00",
        Status::Excepted => "#5a3e8e",
        Status::Inherited => "#2f5f8a",
        Status::Satisfied => "#1f6b3a",
        Status::NotApplicable => "#5f5f5f",
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"6\" \
         fill=\"#faf9f6\"/><path d=\"{}\" fill=\"{colour}\" fill-rule=\"evenodd\"/></svg>",
        mark_path()
    )
}
