use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use bartizan_artifact::escape;
use bartizan_detect::{Engine, Selection};
use bartizan_finding::{Location, Unexamined};

use crate::{
    File, Found, Inventory, Kind, Limits, Store, Told, Tree,
    code::{Reading, Seen, Text},
    environment::{is_environment, is_example},
    folders::{INSTALLED, TESTS, folder_among},
    group::{asset_of, assets, guess, parent},
    lexical::{Language, extension, is_container},
    mcp,
};

/// More single files of code than this in the folder itself are one asset.
const LOOSE_CODE: usize = 12;

/// What Bartizan itself keeps beside the project: it says what is declared, not what is there.
const OURS: [&str; 2] = ["bartizan.toml", "bartizan.schema.json"];

/// Finds the assets of an LLM system, and whose models, tools and libraries it uses.
pub fn discover(tree: &dyn Tree, limits: &Limits) -> Inventory {
    let mut search = Search::new(tree, limits);
    search.assets();
    search.files();
    search.finish()
}

struct Search<'a> {
    tree: &'a dyn Tree,
    limits: &'a Limits,
    /// Sorted, without what is installed.
    files: Vec<File>,
    /// Names of the project's own modules of Python.
    own: BTreeSet<String>,
    assets: BTreeMap<String, Kind>,
    /// Folders in which weights are assets one by one.
    loose: BTreeSet<String>,
    groups: BTreeMap<(String, Kind), Group>,
    seen: Seen,
    engine: OnceCell<Engine>,
    read: u64,
    inventory: Inventory,
}

#[derive(Debug, Default)]
struct Group {
    folder: bool,
    files: u64,
    bytes: u64,
    first: String,
    evidence: Option<String>,
    base: Option<String>,
}

impl<'a> Search<'a> {
    fn new(tree: &'a dyn Tree, limits: &'a Limits) -> Self {
        let mut files = Vec::new();
        let mut installed: BTreeMap<&str, u64> = BTreeMap::new();
        for file in tree.files() {
            match folder_among(&INSTALLED, &file.name) {
                Some(folder) => *installed.entry(folder).or_default() += 1,
                None if OURS.contains(&&*file.name) => {}
                None => files.push(file.clone()),
            }
        }
        files.sort_unstable();
        let mut inventory = Inventory { files: tree.files().len() as u64, ..Inventory::default() };
        for (folder, count) in installed {
            let reason = format!("installed packages are not looked at ({count} {})", files_word(count));
            inventory.left_out.push(Unexamined::new(Location::file(folder), reason));
        }
        let assets = assets(&files);
        let weights = assets.iter().filter(|(_, kind)| **kind == Kind::Model);
        Self {
            own: own_modules(&files),
            loose: weights.map(|(path, _)| parent(path).to_owned()).collect(),
            assets,
            groups: BTreeMap::new(),
            seen: Seen::default(),
            engine: OnceCell::new(),
            read: 0,
            tree,
            limits,
            files,
            inventory,
        }
    }

    /// Counts what belongs to each asset that names tell.
    fn assets(&mut self) {
        for file in &self.files {
            if let Some((path, kind)) = asset_of(&file.name, &self.assets) {
                let group = self.groups.entry((path.clone(), kind)).or_default();
                group.folder = *path != file.name;
                let telling =
                    guess(&file.name) == Some(if kind == Kind::Adapter { Kind::Model } else { kind });
                group.count(file, telling);
            }
        }
    }

    /// Looks at every other file.
    fn files(&mut self) {
        let files = std::mem::take(&mut self.files);
        let loose_code = files
            .iter()
            .filter(|file| {
                !file.name.contains('/') && Language::of(&file.name).is_some_and(Language::is_code)
            })
            .count();
        let mut tests: BTreeMap<&str, u64> = BTreeMap::new();
        for file in &files {
            let lower = file.name.to_lowercase();
            let name = lower.rsplit('/').next().unwrap_or_default();
            let kind = asset_of(&file.name, &self.assets).map(|(_, kind)| kind);
            let language = Language::of(&file.name);
            if mcp::is_config(&lower) {
                self.single(file, Kind::McpConfig, None);
                self.mcp(&files, file);
            } else if is_environment(name) {
                let example = is_example(name);
                let evidence =
                    self.look(&files, file, if example { Reading::Example } else { Reading::Variables });
                let kind = if example { Kind::Config } else { Kind::Environment };
                self.single(file, kind, evidence);
            } else if is_container(name) {
                let evidence = self.look(&files, file, Reading::Source(language.unwrap_or(Language::Config)));
                self.single(file, Kind::Container, evidence);
            } else if let Some(language) = manifest(name) {
                self.look(&files, file, Reading::Manifest(language));
            } else if self.is_beside_a_model(&file.name, name) {
                self.single(file, Kind::Config, None);
            } else if let Some(language) = language
                && matches!(kind, None | Some(Kind::Prompt))
            {
                let evidence = match folder_among(&TESTS, &file.name) {
                    Some(folder) => {
                        *tests.entry(folder).or_default() += 1;
                        None
                    }
                    None => self.look(&files, file, Reading::Source(language)),
                };
                if language.is_code() && kind.is_none() {
                    self.code(file, loose_code, evidence);
                }
            }
            if name == "adapter_config.json" && kind == Some(Kind::Adapter) {
                self.adapter(&files, file);
            }
            if name == "chroma.sqlite3" {
                self.store("chroma", file);
            } else if extension(&lower) == "faiss" {
                self.store("faiss", file);
            }
        }
        for (folder, count) in tests {
            let reason =
                format!("tests do not say which models the system uses ({count} {})", files_word(count));
            self.inventory.left_out.push(Unexamined::new(Location::file(folder), reason));
        }
        self.files = files;
    }

    /// Notes a file in which a vector store keeps what it holds.
    fn store(&mut self, name: &'static str, file: &File) {
        let store = self.seen.stores.entry(name).or_insert_with(|| Store { name, places: Vec::new() });
        if store.places.len() < self.limits.places {
            store.places.push(Location::file(&*file.name));
        }
    }

    fn single(&mut self, file: &File, kind: Kind, evidence: Option<String>) {
        let group = self.groups.entry((file.name.clone(), kind)).or_default();
        group.count(file, true);
        group.evidence = evidence;
    }

    fn code(&mut self, file: &File, loose: usize, evidence: Option<String>) {
        let (path, folder) = match file.name.split_once('/') {
            Some((top, _)) => (top, true),
            None if loose > LOOSE_CODE => (".", true),
            None => (file.name.as_str(), false),
        };
        let group = self.groups.entry((path.to_owned(), Kind::Code)).or_default();
        group.folder = folder;
        group.count(file, true);
        group.evidence = group.evidence.take().or(evidence);
    }

    /// Whether a file is the configuration of a model whose weights are assets one by one.
    fn is_beside_a_model(&self, path: &str, name: &str) -> bool {
        let names =
            ["config.json", "generation_config.json", "tokenizer_config.json", "special_tokens_map.json"];
        (names.contains(&name) || name.ends_with(".safetensors.index.json"))
            && asset_of(path, &self.assets).is_none()
            && self.loose.contains(parent(path))
    }

    /// Reads for which model an adapter was trained.
    fn adapter(&mut self, files: &[File], file: &File) {
        let Some(bytes) = self.head(file) else { return };
        let is_own = |name: &str| exists(files, name);
        let text = Text { path: &file.name, bytes: &bytes, limits: self.limits, is_own: &is_own };
        let base = self.seen.base_model(&text);
        if let Some((path, kind)) = asset_of(&file.name, &self.assets)
            && let Some(group) = self.groups.get_mut(&(path.clone(), kind))
        {
            group.base = group.base.take().or(base);
        }
    }

    fn mcp(&mut self, files: &[File], file: &File) {
        let Some(bytes) = self.head(file) else { return };
        let text = String::from_utf8_lossy(&bytes);
        let detect = self.engine.get_or_init(|| Engine::new(Selection::all(), None));
        let place = &mut |at: usize| {
            let before = text.get(..at).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            Location::Text {
                path: file.name.clone(),
                start: at as u64,
                end: at as u64,
                line: before.matches('\n').count() as u64 + 1,
                column: line.chars().count() as u64 + 1,
            }
        };
        match mcp::tools(&file.name, &text, detect, place) {
            Ok(servers) => {
                let (taken, named) = (servers.tools.len(), servers.named);
                self.inventory.tools.extend(servers.tools);
                if taken < named {
                    let why = format!("only the first {taken} of {named} servers were looked at");
                    self.inventory.unexamined.push(Unexamined::new(Location::file(&*file.name), why));
                }
            }
            Err(why) => {
                self.inventory.unexamined.push(Unexamined::new(Location::file(&*file.name), why));
            }
        }
        // Addresses and models can stand here too.
        self.look_at(files, file, &bytes, Reading::Source(Language::Config));
    }

    /// Reads the start of a file and notes what it says; what it said first, as evidence.
    fn look(&mut self, files: &[File], file: &File, reading: Reading) -> Option<String> {
        let bytes = self.head(file)?;
        self.look_at(files, file, &bytes, reading)
    }

    fn look_at(&mut self, files: &[File], file: &File, bytes: &[u8], reading: Reading) -> Option<String> {
        let own = &self.own;
        let is_own = |name: &str| own.contains(name) || exists(files, name);
        let text = Text { path: &file.name, bytes, limits: self.limits, is_own: &is_own };
        self.seen.read(&text, reading);
        self.seen.first.take()
    }

    fn head(&mut self, file: &File) -> Option<Vec<u8>> {
        let mut pass_over = |why: String| {
            self.inventory.unexamined.push(Unexamined::new(Location::file(&*file.name), why));
        };
        if self.read >= self.limits.all_bytes {
            pass_over(format!("not looked at after {} bytes of other files", self.read));
            return None;
        }
        match self.tree.head(&file.name, self.limits.file_bytes) {
            Ok(mut bytes) => {
                bytes.truncate(self.limits.file_bytes);
                if file.size > self.limits.file_bytes as u64 {
                    pass_over(format!(
                        "only the first {} of {} bytes were looked at",
                        bytes.len(),
                        file.size
                    ));
                }
                self.read += bytes.len() as u64;
                Some(bytes)
            }
            Err(error) => {
                pass_over(format!("cannot be read: {}", escape(&error.to_string().to_lowercase(), 200)));
                None
            }
        }
    }

    /// The files that are parts of assets by their names.
    fn told(&self) -> Vec<Told> {
        let told = |file: &File| {
            let kind = guess(&file.name).filter(|kind| *kind != Kind::LockFile)?;
            let kind = match asset_of(&file.name, &self.assets) {
                // A tokenizer beside weights belongs to them, and weights beside the configuration of an adapter to it.
                Some((_, of @ (Kind::Model | Kind::Adapter)))
                    if kind != Kind::Dataset && kind != Kind::Prompt =>
                {
                    of
                }
                _ => kind,
            };
            Some(Told { file: file.clone(), kind })
        };
        self.files.iter().filter_map(told).collect()
    }

    fn finish(self) -> Inventory {
        let told = self.told();
        let found = self.groups.into_iter().map(|((path, kind), group)| Found {
            why: group.why(kind),
            kind,
            path,
            base: group.base,
            folder: group.folder,
            files: group.files,
            bytes: group.bytes,
        });
        let mut inventory = self.inventory;
        inventory.found = found.collect();
        inventory.found.sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
        inventory.providers = self.seen.providers.into_values().collect();
        inventory.frameworks = self.seen.frameworks.into_values().collect();
        inventory.stores = self.seen.stores.into_values().collect();
        inventory.endpoints = self.seen.endpoints.into_values().collect();
        inventory.told = told;
        inventory.unexamined.sort_by(|a, b| (&a.location, &a.reason).cmp(&(&b.location, &b.reason)));
        inventory
    }
}

impl Group {
    fn count(&mut self, file: &File, telling: bool) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(file.size);
        if telling && self.first.is_empty() {
            self.first.clone_from(&file.name);
        }
    }

    fn why(&self, kind: Kind) -> String {
        let mut why = match (self.folder, self.files) {
            (false, _) => "because of its name".to_owned(),
            (true, 1) => format!("because of {}", escape(&self.first, 80)),
            (true, count) => format!("because of {count} files such as {}", escape(&self.first, 80)),
        };
        if kind == Kind::Adapter {
            why.push_str(" beside an adapter_config.json");
        }
        if let Some(evidence) = &self.evidence {
            why.push_str(&format!("; it names {}", escape(evidence, 160)));
        }
        why
    }
}

const fn files_word(count: u64) -> &'static str {
    if count == 1 { "file" } else { "files" }
}

/// Whether a file lists packages or sets variables, and so speaks of what could be used.
pub(crate) fn is_list_of_packages(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    manifest(name).is_some() || is_environment(name)
}

/// The language of a file that lists packages, by its name in lower case.
fn manifest(file: &str) -> Option<Language> {
    match file {
        "pyproject.toml" | "pipfile" | "setup.cfg" | "environment.yml" | "environment.yaml" => {
            Some(Language::Python)
        }
        "package.json" => Some(Language::Node),
        "go.mod" => Some(Language::Go),
        "cargo.toml" => Some(Language::Rust),
        _ => (file.starts_with("requirements") && extension(file) == "txt").then_some(Language::Python),
    }
}

/// Names under which code of the project can import its own modules: files and folders at the top and below `src`.
fn own_modules(files: &[File]) -> BTreeSet<String> {
    let python = files.iter().filter(|file| file.name.to_ascii_lowercase().ends_with(".py"));
    let mut own = BTreeSet::new();
    for file in python {
        let name = file.name.strip_prefix("src/").unwrap_or(&file.name);
        let top = name.split('/').next().unwrap_or(name);
        own.insert(top.strip_suffix(".py").unwrap_or(top).to_ascii_lowercase());
    }
    own
}

/// Whether there is a file or folder of that name.
fn exists(files: &[File], name: &str) -> bool {
    let name = name.trim_end_matches('/');
    let at = files.partition_point(|file| file.name.as_str() < name);
    let folder = format!("{name}/");
    let first = files.partition_point(|file| file.name < folder);
    files.get(at).is_some_and(|file| file.name == name)
        || files.get(first).is_some_and(|file| file.name.starts_with(&folder))
}
