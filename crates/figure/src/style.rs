/// Colours as CSS variables on `:root`: light, dark where the reader's system or `data-theme="dark"` asks for it, and
/// light in print.
///
/// `--background`, `--panel`, `--line`, `--ink`, `--muted`, `--on-fill` (text on a filled tone), and for each
/// [`Tone`](crate::Tone) two: `--failing` for text and fills, `--failing-soft` for what stands behind ink.
pub const THEME: &str = concat!(
    ":root {\n  color-scheme: light dark;\n",
    include_str!("light.css"),
    "}\n:root[data-theme=\"light\"] {\n  color-scheme: light;\n}\n",
    "@media screen and (prefers-color-scheme: dark) {\n:root:not([data-theme=\"light\"]) {\n",
    include_str!("dark.css"),
    "}\n}\n@media screen {\n:root[data-theme=\"dark\"] {\n  color-scheme: dark;\n",
    include_str!("dark.css"),
    "}\n}\n@media print {\n:root {\n  color-scheme: light;\n}\n}\n",
);

/// Widths of pictures that are wider than a telephone: each class is one width in pixels, so that text keeps its size
/// and the box around the picture scrolls.
macro_rules! widths {
    ($($width:literal)*) => {
        /// The widths for which [`STYLE`] has a class `fig-w…`, ascending.
        pub(crate) const WIDTHS: &[u32] = &[$($width),*];

        /// What the classes of this crate mean, by the variables of [`THEME`] alone. Classes start with `fig-`, those
        /// of a [`Tone`](crate::Tone) with `tone-`.
        pub const STYLE: &str = concat!(
            include_str!("style.css"),
            $(".fig-w", stringify!($width), " { width: ", stringify!($width), "px; }\n",)*
            $("@container (width < ", stringify!($width), "px) { .fig-w", stringify!($width), "-place > * { display: block; --beyond: 1.5rem; } }\n",)*
            "@media print {\n  .fig-svg { max-width: 100%; max-height: 24cm; }\n  .fig-fit { max-width: 10cm; }\n  .fig-hint.fig-hint { display: none; }\n  .fig-scroll { mask-image: none; }\n  .fig-data:not([open]) { display: none; }\n}\n",
        );
    };
}

widths! {
    400 480 560 640 720 800 880 960 1040 1088 1120 1200 1280 1360 1440 1520 1600 1760 1920 2080 2240 2400 2560 2720 2880
    3040 3200 3600 4000 4400 4800 5600 6400
}
