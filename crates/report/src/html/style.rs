use bartizan_figure::{STYLE, THEME, Tone};
use bartizan_finding::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Seal, page::escape};
use crate::{printable::printable, v1::Report};

/// The mark: an overhanging turret with one slit.
pub(super) const MARK: &str = "<svg class=\"turret\" viewBox=\"0 0 16 16\" aria-hidden=\"true\" focusable=\"false\">\
     <path d=\"M3 1h2v2h2V1h2v2h2V1h2v6l-1.5 1.5V10L8 15 4.5 10V8.5L3 7z M7.4 5.5v3.5h1.2V5.5z\" \
     fill-rule=\"evenodd\"/></svg>";

/// The same in a browser's tab, before and after its colour.
const ICON: [&str; 2] = [
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23",
    "' fill-rule='evenodd' \
     d='M3 1h2v2h2V1h2v2h2V1h2v6l-1.5 1.5V10L8 15 4.5 10V8.5L3 7zM7.4 5.5v3.5h1.2V5.5z'/%3E%3C/svg%3E",
];

/// Our own rules, over those of the figures.
const REPORT: &str = include_str!("report.css");

/// The document around the body: head, policy and style sheet.
pub(super) fn document(report: &Report, seal: &Seal, body: &str) -> String {
    let style = sheet(report, seal);
    let hash = STANDARD.encode(Digest::of(style.as_bytes()).as_bytes());
    let mut title = String::new();
    escape(&mut title, &printable(&report.project.name, 60));
    let mut generator = String::new();
    escape(&mut generator, &printable(&seal.tool, 60));
    let day = report.run.as_of.strftime("%Y-%m-%d");
    let icon = ICON.join(colour(super::cover::tone(report)));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
         img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"{generator}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}: security report as of {day}</title>\n\
         <link rel=\"icon\" href=\"{icon}\">\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// Six digits of a tone on a light ground, as the theme has them.
fn colour(tone: Tone) -> &'static str {
    let variable = tone.class().trim_start_matches("tone-");
    let lines = THEME.lines().map(str::trim);
    let mut values =
        lines.filter_map(|line| line.strip_prefix("--")?.strip_prefix(variable)?.strip_prefix(": #"));
    values.find_map(|value| value.strip_suffix(';')).unwrap_or("000000")
}

/// Theme, figures, ours, and the lines that stand on each printed page.
fn sheet(report: &Report, seal: &Seal) -> String {
    let name = string(&printable(&report.project.name, 60));
    let day = report.run.as_of.strftime("%Y-%m-%d");
    let head = seal.head.as_ref().map_or_else(
        || "no log head: nothing was recorded in a log".to_owned(),
        |(size, root)| format!("log head {size}: {}", root.hex()),
    );
    let tool = string(&printable(&seal.tool, 60));
    let open = report.break_glass().next().map_or_else(String::new, |decision| {
        let gate = decision.gate.as_deref().unwrap_or(&decision.about);
        let until = crate::sentence::minute(decision.expires);
        let said = format!("break-glass: gate {} open until {until}", printable(gate, 30));
        format!("\\a {}", string(&said))
    });
    format!(
        "\n{THEME}{STYLE}{REPORT}@page {{\n  @top-left {{ content: \"{name}{open}\"; }}\n  \
         @top-right {{ content: \"Bartizan security report as of {day}\"; }}\n  \
         @bottom-left {{ content: \"report.json sha256: {}\\a {head}\"; }}\n  \
         @bottom-right {{ content: \"{tool}\\a page \" counter(page) \" of \" counter(pages); }}\n}}\n",
        seal.json.hex()
    )
}

/// A text inside a CSS string: everything but letters, digits and spaces is written by its code point, so that no
/// quote, backslash or `</style>` gets in.
fn string(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            out.push(c);
        } else {
            // The space ends the escape and is part of it, so that one that follows in the text is not lost.
            out.push_str(&format!("\\{:06x} ", u32::from(c)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_has_a_colour_of_the_theme() {
        assert_eq!(colour(Tone::Failing), "a3231f");
        for tone in Tone::ALL {
            assert_ne!(colour(tone), "000000", "{tone:?}");
        }
    }

    #[test]
    fn no_name_ends_its_string() {
        assert_eq!(string("a\"}b</style>"), "a\\000022 \\00007d b\\00003c \\00002f style\\00003e ");
        assert_eq!(string("ü 1\\"), "\\0000fc  1\\00005c ");
    }
}
