//! Every page, over reports that are small, hostile and large.

mod crawl;
mod html;
mod large;
mod pages;
mod sample;
mod style;
