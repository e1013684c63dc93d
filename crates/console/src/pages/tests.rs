//! Every page, over reports that are small, hostile and large.

mod crawl;
mod decisions;
mod html;
mod large;
mod pages;
mod sample;
mod style;
