//! Text that people do not see and models do: one file per kind.

mod bidi;
mod fillers;
mod invisible;
mod selectors;
mod tags;
mod zero_width;

pub(crate) use bidi::BidiControls;
pub(crate) use fillers::HangulFillers;
pub(crate) use invisible::Invisible;
pub(crate) use selectors::VariationSelectors;
pub(crate) use tags::TagCharacters;
pub(crate) use zero_width::ZeroWidth;
