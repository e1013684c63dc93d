//! What a scan says about data, and that it sees what the loaders of the data will see.

mod csv;
mod json;
mod properties;
mod reading;
mod text;

use std::{cell::RefCell, io, ops::ControlFlow};

use bartizan_artifact::ReadAt;
use bartizan_dataset::{Limits, Scan, scan};
use bartizan_detect::{Engine, Selection};
use bartizan_finding::Occurrence;

/// Hands out the bytes in pieces of random sizes.
struct Pieces<'a>(&'a [u8], RefCell<Vec<usize>>);

impl ReadAt for Pieces<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.borrow_mut().pop().unwrap_or(usize::MAX).clamp(1, buffer.len());
        self.0.read_at(offset, &mut buffer[..most])
    }
}

fn scanned(path: &str, bytes: &[u8]) -> (Scan, Vec<Occurrence>) {
    scanned_with(path, bytes, &Limits::default())
}

fn scanned_with(path: &str, bytes: &[u8], limits: &Limits) -> (Scan, Vec<Occurrence>) {
    let engine = Engine::new(Selection::all(), None);
    let mut found = Vec::new();
    let scan =
        scan(&bytes, path, &engine, limits, &mut |_| ControlFlow::Continue(()), &mut |one| found.push(one));
    (scan.unwrap_or_else(|error| panic!("memory can be read: {error}")), found)
}

/// `CODE[/variant] location: message`, one on each line.
fn said(path: &str, text: impl AsRef<[u8]>) -> String {
    lines(&scanned(path, text.as_ref()).1)
}

fn lines(found: &[Occurrence]) -> String {
    let line = |one: &Occurrence| {
        let variant = one.variant.map(|id| format!("/{id}")).unwrap_or_default();
        format!("{}{variant} {}: {}", one.rule.code, one.location, one.message)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}
