use std::fmt::Write as _;

use bartizan_inventory::{Answers, File, Limits, Tree, discover, project_file, undeclared, undeclared_text};
use proptest::prelude::*;

use crate::Folder;

fn proposed(folder: &Folder, name: &str) -> bartizan_project::Project {
    let text = project_file(&folder.inventory(), name, &Answers::default());
    let parsed = bartizan_project::parse(&text);
    assert!(parsed.faults.is_empty(), "{:?}\n{text}", parsed.faults);
    parsed.project.unwrap()
}

#[test]
fn odd_names_are_written_so_that_nobody_is_misled() {
    let names = [
        "a\"b.jsonl",
        "new\nline.csv",
        "\u{202e}gnp.exe.csv",
        "\u{1b}[31m.pkl",
        "b\\c.gguf",
        "..jsonl",
        "x'y`z.py",
        "\u{e0041}/tickets.csv",
    ];
    let folder = Folder::new(names.map(|name| (name, "import openai\nmodel = \"gpt-4o\"\n")));
    let text = project_file(&folder.inventory(), "na\u{202e}me\n\"", &Answers::default());
    let hidden =
        |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{e0041}';
    assert!(!text.contains(hidden), "{text}");
    let project = proposed(&folder, "na\u{202e}me\n\"");
    let paths: Vec<_> = project
        .assets
        .values()
        .filter_map(|asset| asset.path.as_ref())
        .map(bartizan_project::RelPath::as_str)
        .collect();
    for written in ["a\"b.jsonl", "\u{202e}gnp.exe.csv", "..jsonl", "x'y`z.py", "\u{e0041}/"] {
        assert!(paths.contains(&written), "{written:?} in {paths:?}");
    }
    assert_eq!(project.name, "na\u{202e}me\"");
}

#[test]
fn broken_configurations_are_listed_and_not_fatal() {
    let deep = format!("{{\"mcpServers\": {}", "[".repeat(50_000));
    let folder = Folder::new([
        (".mcp.json", "{\"mcpServers\": ".as_bytes().to_vec()),
        (".vscode/mcp.json", deep.into_bytes()),
        (".cursor/mcp.json", b"\xff\xfe\0".to_vec()),
        ("package.json", b"{".to_vec()),
        ("a.py", b"\xff\"\"\"import openai\n".to_vec()),
    ]);
    let inventory = folder.inventory();
    let gaps: Vec<_> = inventory.unexamined.iter().map(|gap| gap.location.to_string()).collect();
    assert_eq!(gaps, [".cursor/mcp.json", ".mcp.json", ".vscode/mcp.json"]);
    proposed(&folder, "x");
}

#[test]
fn servers_past_the_limit_are_counted() {
    let server = |number: usize| format!("\"s{number}\": {{\"command\": \"node\"}}");
    let of = |count| {
        let servers = (0..count).map(server).collect::<Vec<_>>().join(", ");
        Folder::new([(".mcp.json", format!("{{\"mcpServers\": {{{servers}}}}}"))]).inventory()
    };
    assert!(of(200).unexamined.is_empty());
    let inventory = of(203);
    assert_eq!(inventory.tools.len(), 200);
    assert_eq!(inventory.unexamined[0].reason, "only the first 200 of 203 servers were looked at");
}

#[test]
fn what_is_too_long_or_unreadable_is_listed() {
    struct Unreadable(Vec<File>);
    impl Tree for Unreadable {
        fn files(&self) -> &[File] {
            &self.0
        }

        fn head(&self, _: &str, _: usize) -> std::io::Result<Vec<u8>> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    let inventory =
        discover(&Unreadable(vec![File { name: "a.py".to_owned(), size: 3 }]), &Limits::default());
    assert_eq!(inventory.unexamined[0].reason, "cannot be read: permission denied");
    assert_eq!(inventory.found.len(), 1);

    let folder = Folder::new([
        ("a.py", "x = 1\n".repeat(100)),
        ("b.py", "x = 1\n".repeat(100)),
        ("c.py", "x".to_owned()),
    ]);
    let limits = Limits { file_bytes: 60, all_bytes: 100, ..Limits::default() };
    let gaps: Vec<_> = discover(&folder, &limits).unexamined.into_iter().map(|gap| gap.reason).collect();
    assert_eq!(
        gaps,
        [
            "only the first 60 of 600 bytes were looked at",
            "only the first 60 of 600 bytes were looked at",
            "not looked at after 120 bytes of other files"
        ]
    );
}

/// Were any step to take time in proportion to files times folders, this would take minutes.
#[test]
fn forty_thousand_files_and_deep_folders_take_time_in_proportion() {
    let mut files: Vec<(String, &str)> = Vec::new();
    for number in 0..40_000 {
        let ending = ["jsonl", "py", "md", "safetensors", "txt"][number % 5];
        files.push((format!("d{}/e{}/f{number}.{ending}", number % 700, number % 4_000), "x = 1\n"));
    }
    files.push((format!("{}x.csv", "a/".repeat(1_500)), "a,b\n"));
    files.extend((0..200).map(|number| (format!("{}y{number}.pt", "b/".repeat(300)), "")));
    let folder = Folder::new(files);
    let inventory = folder.inventory();
    assert_eq!(inventory.files, 40_201);
    let found = undeclared(&inventory, &bartizan_project::Project::bare("x"));
    assert!((3..2_000).contains(&found.len()), "{}", found.len());
    let parsed = bartizan_project::parse(&project_file(&inventory, "x", &Answers::default()));
    assert!(parsed.faults.is_empty(), "{:?}", parsed.faults);
    let parsed = bartizan_project::parse(&undeclared_text("x", folder.files(), true));
    assert!(parsed.faults.is_empty(), "{:?}", parsed.faults);
}

#[test]
fn long_lines_take_time_in_proportion() {
    let mut lines = Vec::new();
    for piece in [
        "from a.",
        "a.b.",
        "\"gpt-4o\" ",
        "'",
        "://a.",
        "import a,",
        "from_pretrained(\"",
        "OPENAI_API_KEY ",
        "/",
        "\\\"",
        "\"\"\"",
        "require('a/",
        "load_dataset(",
        "repo_id=\"a/b\" ",
        "--model a/b ",
        "base_url=http://a.b ",
        "X = \"a/b\" ",
    ] {
        let mut line = String::from("from x import y, ");
        while line.len() < 50_000 {
            let _ = write!(line, "{piece}");
        }
        lines.push(line);
    }
    let files = lines.iter().enumerate().flat_map(|(number, line)| {
        ["py", "ts", "go", "rs", "java", "yaml", "json"].map(|end| (format!("{number}.{end}"), line.as_str()))
    });
    let folder = Folder::new(files);
    assert!(!folder.inventory().providers.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_folder_makes_a_project_file_without_fault(
        names in proptest::collection::btree_set("[a-zé\"\\\\\n. /\u{202e}-]{1,12}(\\.py|\\.jsonl|\\.gguf|/mcp\\.json|\\.env|/requirements\\.txt)?", 0..12),
        content in proptest::collection::vec(proptest::sample::select(vec![
            "import openai", "from langchain_openai import x", "\"gpt-4o\"", "from_pretrained(\"a/b\")", "\n", "\"", "'", "\"\"\"", "é",
            "OPENAI_API_KEY=", "{\"mcpServers\":{\"a\\u0000\":{\"command\":\"x\"}}}", "https://api.mistral.ai/", "crewai\n", "\0",
        ]), 0..12),
        name in "\\PC{0,12}",
        purpose in proptest::option::of("\\PC{0,12}"),
        owner in proptest::option::of("[a-z@. \"]{0,12}"),
    ) {
        let folder = Folder::new(names.into_iter().map(|name| (name, content.concat())));
        let answers = Answers { purpose, owner, schema: true, ..Answers::default() };
        let text = project_file(&folder.inventory(), &name, &answers);
        let parsed = bartizan_project::parse(&text);
        prop_assert!(parsed.faults.is_empty(), "{:?}\n{}", parsed.faults, text);
    }
}
