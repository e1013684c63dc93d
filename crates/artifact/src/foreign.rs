//! Contents of another format, where plain numbers should be.
//!
//! Each signature fixes at least 27 bits. A file has some 1,000 tensors and storages, so that bytes that are spread evenly
//! would raise an alarm in one file of 130,000 by the shortest signature, and the first bytes of weights are spread less
//! evenly: what all but one of the signatures spell is no number that weights take.

use bartizan_finding::{Location, Occurrence, RuleMeta, Severity};

use crate::{
    format::is_pe,
    formats::{pickle, tar},
};

/// How many bytes [`Foreign::at`] wants to see.
pub(crate) const WINDOW: usize = 4096;

/// What the start of some data looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    Elf,
    Pe,
    MachO,
    Wasm,
    Java,
    Dalvik,
    Shortcut,
    Compound,
    Cabinet,
    Zip,
    SevenZip,
    Rar,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Lz4,
    Script,
    Pdf,
    Pickle,
}

/// Signatures at the start that need no second look; the shortest has 40 bits.
const MAGIC: [(&[u8], Foreign); 29] = [
    (b"\0asm\x01\0\0\0", Foreign::Wasm),
    (b"\0asm\x0d\0\x01\0", Foreign::Wasm),
    (b"dex\n03", Foreign::Dalvik),
    (b"dex\n04", Foreign::Dalvik),
    // A header of 76 bytes and the class id of shell links (MS-SHLLINK 2.1).
    (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", Foreign::Shortcut),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign::Compound),
    (b"MSCF\0\0\0\0", Foreign::Cabinet),
    (b"7z\xbc\xaf\x27\x1c", Foreign::SevenZip),
    (b"Rar!\x1a\x07", Foreign::Rar),
    (b"\xfd7zXZ\0", Foreign::Xz),
    (b"#!/bin/", Foreign::Script),
    (b"#!/usr/", Foreign::Script),
    (b"#! /bin/", Foreign::Script),
    (b"#! /usr/", Foreign::Script),
    (b"#!/system/", Foreign::Script),
    (b"<?php", Foreign::Script),
    (b"<script", Foreign::Script),
    (b"<!DOCTYPE html", Foreign::Script),
    (b"@echo off", Foreign::Script),
    (b"@ECHO OFF", Foreign::Script),
    (b"import os\n", Foreign::Script),
    (b"import os,", Foreign::Script),
    (b"import sys\n", Foreign::Script),
    (b"import subprocess", Foreign::Script),
    (b"import socket", Foreign::Script),
    (b"import base64", Foreign::Script),
    (b"from os import ", Foreign::Script),
    (b"%PDF-1.", Foreign::Pdf),
    (b"%PDF-2.", Foreign::Pdf),
];

impl Foreign {
    /// Looks at the start of data for a signature long enough not to be met by chance.
    pub(crate) fn at(data: &[u8]) -> Option<Self> {
        let byte = |at: usize| data.get(at).copied().unwrap_or(0xff);
        let is = |magic: &[u8]| data.starts_with(magic);
        let word = |at: usize| u16::from_be_bytes([byte(at), byte(at + 1)]);
        if let Some((_, foreign)) = MAGIC.iter().find(|(magic, _)| is(magic)) {
            return Some(*foreign);
        }
        // 32 bits and three bytes with one or two values each.
        if is(b"\x7fELF") && matches!((byte(4), byte(5), byte(6)), (1 | 2, 1 | 2, 1)) {
            Some(Self::Elf)
        } else if is_pe(data) || is(b"MZqFpD='") {
            Some(Self::Pe)
        } else if (is(b"\xcf\xfa\xed\xfe") || is(b"\xce\xfa\xed\xfe")) && byte(5) == 0 && byte(6) == 0 {
            Some(Self::MachO)
        } else if is(b"\xca\xfe\xba\xbe") && word(4) == 0 && (1..=16).contains(&word(6)) {
            // As many programs for different processors.
            Some(Self::MachO)
        } else if is(b"\xca\xfe\xba\xbe") && matches!(word(4), 0 | 3 | 0xffff) && (45..=99).contains(&word(6))
        {
            // A version of Java.
            Some(Self::Java)
        } else if is(b"PK\x03\x04") && byte(4) < 64 {
            Some(Self::Zip)
        } else if is(b"\x1f\x8b\x08") && byte(3) < 32 {
            Some(Self::Gzip)
        } else if is(b"BZh") && data.get(4..).is_some_and(|rest| rest.starts_with(b"1AY&SY")) {
            Some(Self::Bzip2)
        } else if is(b"\x28\xb5\x2f\xfd") && byte(4) & 0x08 == 0 {
            Some(Self::Zstd)
        } else if is(b"\x04\x22\x4d\x18") && byte(4) & 0xc2 == 0x40 && byte(5) & 0x8f == 0 {
            Some(Self::Lz4)
        } else if tar::header::is_tar(data) {
            Some(Self::Tar)
        } else if pickle::has_effect(data) {
            Some(Self::Pickle)
        } else {
            None
        }
    }

    /// How bad such contents are where numbers should be: a program or a pickle is put there to be taken out again.
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Elf
            | Self::Pe
            | Self::MachO
            | Self::Wasm
            | Self::Java
            | Self::Dalvik
            | Self::Shortcut
            | Self::Compound
            | Self::Script
            | Self::Pickle => Severity::High,
            Self::Cabinet
            | Self::Zip
            | Self::SevenZip
            | Self::Rar
            | Self::Tar
            | Self::Gzip
            | Self::Bzip2
            | Self::Xz
            | Self::Zstd
            | Self::Lz4
            | Self::Pdf => Severity::Medium,
        }
    }

    /// What is wrong with the place where it stands: that `what` starts so.
    pub(crate) fn occurrence(self, rule: &'static RuleMeta, place: Location, what: &str) -> Occurrence {
        let message = format!("{what} like {}", self.as_str());
        Occurrence::new(rule, place, message).severity(self.severity())
    }

    /// The name that people read, with its article.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Elf => "an ELF executable",
            Self::Pe => "a Windows executable",
            Self::MachO => "a Mach-O executable",
            Self::Wasm => "a WebAssembly module",
            Self::Java => "a Java class",
            Self::Dalvik => "a program for Android",
            Self::Shortcut => "a Windows shortcut",
            Self::Compound => "a compound file, as Windows installers and old Office documents are",
            Self::Cabinet => "a Windows cabinet",
            Self::Zip => "a ZIP archive",
            Self::SevenZip => "a 7-Zip archive",
            Self::Rar => "a RAR archive",
            Self::Tar => "a tar archive",
            Self::Gzip => "gzip data",
            Self::Bzip2 => "bzip2 data",
            Self::Xz => "xz data",
            Self::Zstd => "Zstandard data",
            Self::Lz4 => "LZ4 data",
            Self::Script => "a script",
            Self::Pdf => "a PDF document",
            Self::Pickle => "a pickle that calls something",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signature_is_told_and_its_neighbours_are_not() {
        let cases: [(&[u8], Option<Foreign>); 14] = [
            (b"\xca\xfe\xba\xbe\0\0\0\x34", Some(Foreign::Java)),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", Some(Foreign::MachO)),
            (b"\xca\xfe\xba\xbe\x12\0\0\x02", None),
            (b"BZh91AY&SY", Some(Foreign::Bzip2)),
            (b"BZh91AY", None),
            (b"\x28\xb5\x2f\xfd\x24", Some(Foreign::Zstd)),
            (b"\x28\xb5\x2f\xfd\x08", None),
            (b"\x04\x22\x4d\x18\x64\x40", Some(Foreign::Lz4)),
            (b"\x04\x22\x4d\x18\x04\x40", None),
            (b"Rar!\x1a\x07\x01\0", Some(Foreign::Rar)),
            (b"\0asm\x01\0\0\0", Some(Foreign::Wasm)),
            (b"import numpy", None),
            (b"", None),
            (&[0; 512], None),
        ];
        for (data, want) in cases {
            assert_eq!(Foreign::at(data), want, "{}", data.escape_ascii());
        }
    }
}
