//! Writes the corpus into a folder, each file in a folder of its own named after its truth, family and number:
//! `hostile/pickle/0007/model.pkl`. Beside them stands `corpus.tsv`: path, truth, family, codes, what it is.

use std::{error::Error, fmt::Write as _, fs, path::PathBuf};

use bartizan_corpus::{Truth, samples};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::args_os().nth(1).ok_or("name a folder to write into")?);
    let mut table = String::from("path\ttruth\tfamily\tcodes\twhat\n");
    for (number, sample) in samples().iter().enumerate() {
        let truth = match sample.truth {
            Truth::Benign => "benign",
            Truth::Hostile => "hostile",
        };
        let folder = format!("{truth}/{}/{number:04}", sample.family);
        let path = format!("{folder}/{}", sample.path);
        let file = root.join(&path);
        fs::create_dir_all(file.parent().ok_or("a sample without a name")?)?;
        fs::write(file, &sample.bytes)?;
        writeln!(
            table,
            "{path}\t{truth}\t{}\t{}\t{}",
            sample.family,
            sample.codes.join(","),
            sample.what.escape_debug()
        )?;
    }
    fs::write(root.join("corpus.tsv"), table)?;
    Ok(())
}
