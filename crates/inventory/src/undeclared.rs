use std::collections::BTreeSet;

use crate::{
    File, Kind,
    group::{asset_of, assets, guess},
    toml_text::{fresh_id, project_name, quoted},
};

/// Every file that no other asset takes belongs to this asset.
const REST: &str = "other-files";

/// The text of a project file for a folder that has none, told by names alone. `whole` says that the files are those
/// of a folder, of which every one then belongs to some asset; else somebody named a single file, and the text has a
/// fault where no project file can hold its name.
///
/// The text goes through the same parser as a file of the user's, so an inferred project can do nothing that a
/// declared one cannot.
pub fn undeclared_text(name: &str, files: &[File], whole: bool) -> String {
    let mut text = String::from("format = 1\n\n[project]\nname = ");
    text.push_str(&quoted(&project_name(name)));
    text.push_str(
        "\npurpose = \"Inferred from the folder: nobody has declared this project yet\"\nrole = \"system-producer\"\n",
    );
    let mut ids = BTreeSet::from([REST.to_owned()]);
    if whole {
        let assets = assets(files);
        if files.is_empty() || !files.iter().all(|file| asset_of(&file.name, &assets).is_some()) {
            asset(&mut text, REST, "code", ".");
        }
        for (path, kind) in &assets {
            asset(&mut text, &fresh_id(path, &mut ids), kind.asset().as_str(), path);
        }
    } else {
        // Somebody who names a single file wants it looked at, whatever it is called.
        for file in files {
            let kind = guess(&file.name).unwrap_or(Kind::Model).asset().as_str();
            asset(&mut text, &fresh_id(&file.name, &mut ids), kind, &file.name);
        }
    }
    text
}

fn asset(text: &mut String, id: &str, kind: &str, path: &str) {
    text.push_str(&format!("\n[asset.{}]\nkind = \"{kind}\"\npath = {}\n", quoted(id), quoted(path)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, names: &[&str]) -> String {
        let files: Vec<_> = names.iter().map(|name| File { name: (*name).to_owned(), size: 0 }).collect();
        undeclared_text(name, &files, true)
    }

    #[test]
    fn hostile_names_make_a_project_that_parses() {
        let names =
            ["a\"b.jsonl", "ünï/π.safetensors", "x/..jsonl", "y/..jsonl", "-/-.gguf", "\u{202e}b.csv"];
        let text_of = text("na\"me\u{1b}", &names);
        let parsed = bartizan_project::parse(&text_of);
        assert!(parsed.faults.is_empty(), "{:?}\n{text_of}", parsed.faults);
        assert_eq!(parsed.project.unwrap().assets.len(), names.len());
        let text = text("x", &["a\n\u{1b}.jsonl", "b\\c.pkl"]);
        assert_eq!(bartizan_project::parse(&text).project.unwrap().assets.len(), 1);
    }

    #[test]
    fn any_name_of_a_folder_makes_a_name_of_a_project() {
        for (folder, name) in [
            ("", "project"),
            (" \n\u{7f}", "project"),
            ("\u{7f} a\tb ", "ab"),
            (&"é".repeat(200), &*"é".repeat(80)),
            (&format!("{} b", "a".repeat(79)), &"a".repeat(79)),
        ] {
            let parsed = bartizan_project::parse(&text(folder, &["a.jsonl"]));
            assert_eq!(parsed.project.unwrap().name, name, "{folder:?}");
        }
    }

    #[test]
    fn very_many_files_of_several_kinds_stay_with_the_rest() {
        let names: Vec<_> =
            (0..6_000).map(|n| format!("{n}.{}", if n % 2 == 0 { "jsonl" } else { "pkl" })).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let parsed = bartizan_project::parse(&text("x", &names));
        assert_eq!(parsed.project.unwrap().assets.len(), 1);
    }

    #[test]
    fn a_single_file_is_looked_at_whatever_it_is_called() {
        let file = File { name: "blob".to_owned(), size: 1 };
        let parsed = bartizan_project::parse(&undeclared_text("blob", &[file], false));
        assert_eq!(parsed.project.unwrap().assets.values().next().unwrap().kind.as_str(), "model");
    }
}
