//! Whatever the files of a folder hold and however they are called, the project file that is proposed has no fault and
//! no character that hides, and the same folder gives the same file.

#![no_main]

use std::{collections::BTreeMap, io};

use arbitrary::Arbitrary;
use bartizan_finding::Location;
use bartizan_fuzz::assert_visible;
use bartizan_inventory::{Answers, File, Inventory, Limits, Tree, discover, project_file, undeclared_text};
use bartizan_project::RelPath;
use libfuzzer_sys::fuzz_target;

/// Names that decide how a file is read.
const NAMES: [&str; 24] = [
    ".mcp.json",
    ".cursor/mcp.json",
    ".gemini/settings.json",
    "a.py",
    "app/b.ts",
    "c.ipynb",
    "d.go",
    "E.java",
    "f.rs",
    "g.yaml",
    "h.toml",
    ".env",
    ".env.example",
    "requirements.txt",
    "package.json",
    "pyproject.toml",
    "Dockerfile",
    "docker-compose.yml",
    "lora/adapter_config.json",
    "lora/adapter_model.safetensors",
    "model/config.json",
    "model/model.safetensors",
    "data/a.jsonl",
    "prompts/system.md",
];
const LIMITS: Limits = Limits { file_bytes: 512, all_bytes: 2048, places: 3 };

#[derive(Arbitrary, Debug)]
struct Input<'b> {
    files: Vec<(Name<'b>, &'b [u8])>,
    project: &'b str,
    purpose: Option<&'b str>,
    owner: Option<&'b str>,
}

#[derive(Arbitrary, Debug)]
enum Name<'b> {
    Known(u8),
    Free(&'b str, u8),
}

struct Folder<'b> {
    files: Vec<File>,
    contents: BTreeMap<String, &'b [u8]>,
}

impl Tree for Folder<'_> {
    fn files(&self) -> &[File] {
        &self.files
    }

    fn head(&self, name: &str, at_most: usize) -> io::Result<Vec<u8>> {
        let content = self.contents.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(content[..content.len().min(at_most)].to_vec())
    }
}

fuzz_target!(|input: Input<'_>| {
    let known = |choice: u8| NAMES[usize::from(choice) % NAMES.len()];
    let contents: BTreeMap<String, &[u8]> = input
        .files
        .iter()
        .map(|(name, content)| match name {
            Name::Known(choice) => (known(*choice).to_owned(), *content),
            Name::Free(text, choice) => (format!("{text}{}", known(*choice)), *content),
        })
        .collect();
    let files =
        contents.iter().map(|(name, content)| File { name: name.clone(), size: content.len() as u64 });
    let mut folder = Folder { files: files.collect(), contents };
    let inventory = discover(&folder, &LIMITS);
    hold(&inventory, &folder);

    let answers = Answers {
        purpose: input.purpose.map(str::to_owned),
        owner: input.owner.map(str::to_owned),
        ..Answers::default()
    };
    let text = project_file(&inventory, input.project, &answers);
    sound(&text);
    sound(&undeclared_text(input.project, &folder.files, true));
    for file in folder.files.iter().filter(|file| RelPath::parse(&file.name).is_some()) {
        sound(&undeclared_text(input.project, std::slice::from_ref(file), false));
    }

    folder.files.reverse();
    assert_eq!(project_file(&discover(&folder, &LIMITS), input.project, &answers), text);
});

/// What was found lies in the folder, and what is shown of it hides nothing.
fn hold(inventory: &Inventory, folder: &Folder<'_>) {
    for found in &inventory.found {
        assert_visible(&found.why);
        assert!(found.files >= 1 && found.files <= inventory.files);
    }
    for tool in &inventory.tools {
        assert_visible(&tool.name);
        assert_visible(&tool.server);
    }
    let providers = inventory.providers.iter().map(|provider| &provider.places);
    let frameworks = inventory.frameworks.iter().map(|framework| &framework.places);
    let stores = inventory.stores.iter().map(|store| &store.places);
    for places in providers.chain(frameworks).chain(stores) {
        assert!(places.len() <= LIMITS.places);
        for place in places {
            if let Location::Text { path, start, end, line, column } = place {
                let content = folder.contents.get(path).expect("a place is in a file of the folder");
                assert!(start <= end && *line >= 1 && *column >= 1);
                assert!(*start <= 3 * content.len() as u64, "beyond the text, even were no byte of it UTF-8");
            }
        }
    }
    for gap in &inventory.unexamined {
        assert_visible(&gap.reason);
    }
}

/// The parser of project files takes the text, and no line of it shows other than it is.
fn sound(text: &str) {
    let parsed = bartizan_project::parse(text);
    assert!(parsed.faults.is_empty(), "{:?}\n{text}", parsed.faults);
    text.lines().for_each(assert_visible);
}
