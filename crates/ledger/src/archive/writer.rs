use std::io::{self, Write};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use super::tar::{BLOCK, header};

/// Writes an archive. The same files give the same bytes.
#[derive(Debug)]
pub struct ArchiveWriter<W: Write> {
    gzip: GzEncoder<W>,
    last: String,
}

impl<W: Write> ArchiveWriter<W> {
    /// An archive that is written to `out`, which needs no buffer.
    pub fn new(out: W) -> Self {
        // 255 is "unknown", as for all systems alike.
        let gzip = GzBuilder::new().mtime(0).operating_system(255).write(out, Compression::new(6));
        Self { gzip, last: String::new() }
    }

    /// Adds a file. Paths are relative, at most 250 bytes long, and go up: `a/b` comes after `a-b`, as bytes do.
    pub fn add(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("{path}: {why}"));
        if path <= self.last.as_str() {
            return Err(refused("files are not added in the order of their paths"));
        }
        let header = header(path, content.len() as u64).ok_or_else(|| refused("not a path of an archive"))?;
        self.gzip.write_all(&header)?;
        self.gzip.write_all(content)?;
        let padding = content.len().next_multiple_of(BLOCK) - content.len();
        self.gzip.write_all(&[0; BLOCK][..padding])?;
        path.clone_into(&mut self.last);
        Ok(())
    }

    /// Writes the end, and gives back what was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.gzip.write_all(&[0; 2 * BLOCK])?;
        let mut out = self.gzip.finish()?;
        out.flush()?;
        Ok(out)
    }
}
