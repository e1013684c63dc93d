//! Contents of another format, where plain numbers should be.

use crate::format::is_pe;

/// How many bytes [`Foreign::at`] wants to see.
pub(crate) const WINDOW: usize = 4096;

/// What the start of some data looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    Elf,
    Pe,
    MachO,
    Zip,
    SevenZip,
    Gzip,
    Script,
    Pickle,
}

impl Foreign {
    /// Looks at the start of data for a signature long enough not to be met by chance: the shortest one fixes 27 bits.
    pub(crate) fn at(data: &[u8]) -> Option<Self> {
        let byte = |at: usize| data.get(at).copied().unwrap_or(0xff);
        let is = |magic: &[u8]| data.starts_with(magic);
        if is(b"\x7fELF") && matches!((byte(4), byte(5), byte(6)), (1 | 2, 1 | 2, 1)) {
            Some(Self::Elf)
        } else if is_pe(data) {
            Some(Self::Pe)
        } else if (is(b"\xcf\xfa\xed\xfe") || is(b"\xce\xfa\xed\xfe")) && byte(5) == 0 && byte(6) == 0 {
            Some(Self::MachO)
        } else if is(b"PK\x03\x04") && byte(4) < 64 {
            Some(Self::Zip)
        } else if is(b"7z\xbc\xaf\x27\x1c") {
            Some(Self::SevenZip)
        } else if is(b"\x1f\x8b\x08") && byte(3) < 32 {
            Some(Self::Gzip)
        } else if is(b"#!/bin/") || is(b"#!/usr/") || is(b"<?php") {
            Some(Self::Script)
        } else if crate::formats::pickle::has_effect(data) {
            Some(Self::Pickle)
        } else {
            None
        }
    }

    /// The name that people read, with its article.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Elf => "an ELF executable",
            Self::Pe => "a Windows executable",
            Self::MachO => "a Mach-O executable",
            Self::Zip => "a ZIP archive",
            Self::SevenZip => "a 7-Zip archive",
            Self::Gzip => "gzip data",
            Self::Script => "a script",
            Self::Pickle => "a pickle that calls something",
        }
    }
}
